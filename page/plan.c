/* Lays out the controls of a page when httpd starts. Label, hint, help, ids and attributes are
 * fixed; a request only brings the answer, whether it is wrong, and, where the form says so by an
 * expression, whether it may stay empty. */
#include "pages.h"

#include "form/content.h"

#include <apr_strings.h>

static const char field_input[] =
    "<div class='kern-form-input{bad_box}{pair}'>"
    "<label class='kern-label' for='{id}'>{label}{optional}</label>{hint}{german}"
    "<input class='kern-form-input__input{bad_field}{width}' id='{id}' name='{id}' type='text'"
    " value='{value}'{typing}{describedby}{invalid}{needed}/>{message}{help}</div>";

static const char field_textarea[] =
    "<div class='kern-form-input{bad_box}{pair}'>"
    "<label class='kern-label' for='{id}'>{label}{optional}</label>{hint}{german}"
    "<textarea class='kern-form-input__input{bad_field}' id='{id}' name='{id}' rows='5'"
    "{typing}{describedby}{invalid}{needed}>{lines}</textarea>{message}{help}</div>";

static const char field_select[] =
    "<div class='kern-form-input{bad_box}{pair}'>"
    "<label class='kern-label' for='{id}'>{label}{optional}</label>{hint}{german}"
    "<div class='kern-form-input__select-wrapper'>"
    "<select class='kern-form-input__select{bad_select}' id='{id}' name='{id}'"
    " autocomplete='{autocomplete}'{describedby}{invalid}{needed}>{choices}</select></div>"
    "{message}{help}</div>";

static const char field_date[] =
    "<fieldset class='kern-fieldset{bad_set}{pair}'{describedby}>"
    "<legend class='kern-label'>{label}{optional}</legend>{hint}{german}"
    "<div class='kern-fieldset__body kern-fieldset__body--horizontal'>"
    "<div class='kern-form-input'><label class='kern-label' for='{id}.tag'>{DAY}</label>"
    "<input class='kern-form-input__input kern-form-input__input--width-2{bad_day}'"
    " id='{id}.tag' name='{id}.tag' type='text' value='{day}'{invalid_day} "
    "autocomplete='{autocomplete_day}'"
    "{number_typing}{needed_day}/></div>"
    "<div class='kern-form-input'><label class='kern-label' for='{id}.monat'>{MONTH}</label>"
    "<input class='kern-form-input__input kern-form-input__input--width-2{bad_month}'"
    " id='{id}.monat' name='{id}.monat' type='text' value='{month}'{invalid_month}"
    " autocomplete='{autocomplete_month}'{number_typing}{needed_day}/></div>"
    "<div class='kern-form-input'><label class='kern-label' for='{id}.jahr'>{YEAR}</label>"
    "<input class='kern-form-input__input kern-form-input__input--width-4{bad_year}'"
    " id='{id}.jahr' name='{id}.jahr' type='text' value='{year}'{invalid_year}"
    " autocomplete='{autocomplete_year}'{number_typing}{needed}/></div>"
    "</div>{message}{help}</fieldset>";

static const char field_boxes[] =
    "<fieldset class='kern-fieldset{bad_set}{pair}'{describedby}>"
    "<legend class='kern-label'>{label}{optional}</legend>{hint}{german}"
    "<div class='kern-fieldset__body'>{choices}</div>{message}{help}</fieldset>";

static const char field_checkbox[] =
    "<div class='kern-form-check{bad_check}{pair}'>"
    "<input class='kern-form-check__checkbox{bad_mark}' type='checkbox' id='{id}' name='{id}'"
    " value='true'{checked}{describedby}{invalid}{needed}/>"
    "<label class='kern-label' for='{id}'>{label}</label>{hint}{german}{message}{help}</div>";

/* Its errors have a place even when there are none: a script may come to know of some. */
static const char field_upload[] =
    "<fieldset class='kern-fieldset ez-upload{bad_set}'{describedby}>"
    "<legend class='kern-label'>{label}{optional}</legend>{hint}{help}"
    "<div class='kern-fieldset__body'>{files}"
    "<div class='kern-form-input'><label class='kern-label' for='{id}'>{UPLOAD_CHOOSE}"
    "<span class='kern-sr-only'>: {label}</span></label>"
    "<div class='kern-hint' id='{id}-grenzen'>{UPLOAD_LIMITS}</div>"
    "<input class='kern-form-input__input{bad_field}' id='{id}' name='{id}' type='file'"
    " multiple='multiple' accept='" EB_CONTENT_ACCEPT "'"
    " aria-describedby='{id}-grenzen {id}-fehler'{invalid}/></div>"
    "<div class='ez-photo'><button class='kern-btn kern-btn--secondary' id='{id}-foto'"
    " type='button'><span class='kern-label'>{UPLOAD_PHOTO}"
    "<span class='kern-sr-only'>: {label}</span></span></button>"
    "<input type='file' accept='image/jpeg' capture='environment' hidden='hidden'/></div>"
    "<div class='ez-errors' id='{id}-fehler'>{messages}</div>"
    "<div class='kern-form-check'><input class='kern-form-check__checkbox' type='checkbox'"
    " id='{id}" EB_FILES_LATER "' name='{id}" EB_FILES_LATER "' value='ja'{later}/>"
    "<label class='kern-label' for='{id}" EB_FILES_LATER "'>{UPLOAD_LATER}"
    "<span class='kern-sr-only'> {label}</span></label></div></div></fieldset>";

static const char field_group[] =
    "<fieldset class='kern-fieldset ez-group{bad_set}'{group_id}{describedby}>"
    "<legend class='kern-title'>{label}</legend>{hint}"
    "<div class='kern-fieldset__body ez-fields'>{controls}</div>{message}{help}</fieldset>";

static const char field_output[] =
    "<dl class='kern-description-list kern-description-list--col'>"
    "<div class='kern-description-list-item'>"
    "<dt class='kern-description-list-item__key'>{label}</dt>"
    "<dd class='kern-description-list-item__value'>{answer}</dd></div></dl>{help}";

static const char field_text[] = "{both}<div class='ez-prose'>{prose}</div>{german}{both_end}";

static const char *const fields[] = {
    [EB_CONTROL_INPUT] = field_input,       [EB_CONTROL_DATE] = field_date,
    [EB_CONTROL_TEXTAREA] = field_textarea, [EB_CONTROL_RADIO] = field_boxes,
    [EB_CONTROL_SELECT] = field_select,     [EB_CONTROL_CHECKBOX] = field_checkbox,
    [EB_CONTROL_CHECKBOXES] = field_boxes,  [EB_CONTROL_OUTPUT] = field_output,
    [EB_CONTROL_TEXT] = field_text,         [EB_CONTROL_UPLOAD] = field_upload,
    [EB_CONTROL_GROUP] = field_group};

static const char hint[] = "<div class='kern-hint{more}'{hint_id}>{hint_text}</div>";

static const char help[] = "<details class='ez-help'><summary class='kern-body'>{HELP}"
                           "<span class='kern-sr-only'>: {label}</span></summary>"
                           "<div class='ez-prose'>{help_text}</div></details>";

/* The first on a page says what that is. */
static const char german[] = "<div class='ez-german{more}'>{binding}"
                             "<div class='ez-prose' lang='de' dir='ltr'>{german_text}</div></div>";
static const char binding[] = "<p class='kern-body ez-note'>{BINDING}</p>";

static const char message[] = "<p class='kern-error' id='{id}-fehler'>"
                              "<span class='kern-icon kern-icon--danger' aria-hidden='true'></span>"
                              "<span class='kern-body'>{error}</span></p>";

static const char optional[] = " <span class='kern-label__optional'>{OPTIONAL}</span>";

/* What the writer of a text may not be corrected in: the spelling of a name, its translation. */
static const char typing[] = " autocomplete='{autocomplete}'{inputmode} dir='ltr'"
                             " spellcheck='false' translate='no'";
static const char number_typing[] =
    " inputmode='numeric' dir='ltr' spellcheck='false' translate='no'";

/* ---- */

static bool is_true(const eb_expr_t *expr)
{
    return !strcmp(eb_expr_text(expr), "true()");
}

static eb_need_t need_of(const eb_control_t *c)
{
    if (!c->node || !c->node->required || !strcmp(eb_expr_text(c->node->required), "false()"))
        return EB_NEED_NEVER;
    return is_true(c->node->required) ? EB_NEED_ALWAYS : EB_NEED_ASK;
}

/* `readonly` comes down from groups, too. */
static bool may_be_readonly(const eb_node_t *node)
{
    if (node->calculate)
        return true;
    for (; node; node = node->parent) {
        if (node->readonly)
            return true;
    }
    return false;
}

static bool is_input(const eb_control_t *c)
{
    return c->node && c->kind != EB_CONTROL_GROUP && c->kind != EB_CONTROL_OUTPUT;
}

static const char *describedby(const eb_control_t *c, bool bad, apr_pool_t *pool)
{
    if (!c->node || (!c->hint && !bad))
        return "";
    const char *id = c->node->param;
    const char *hint_id = c->hint ? apr_pstrcat(pool, id, "-hint", NULL) : "";
    const char *error_id = bad ? apr_pstrcat(pool, id, "-fehler", NULL) : "";
    return apr_pstrcat(pool, " aria-describedby='", hint_id, c->hint && bad ? " " : "", error_id,
                       "'", NULL);
}

static const char *inputmode(const eb_control_t *c, apr_pool_t *pool)
{
    const eb_type_t *type = c->node ? c->node->type : NULL;
    if (!type || !type->input_mode)
        return "";
    return apr_psprintf(pool, " inputmode='%s'", type->input_mode);
}

static const char *width(const eb_control_t *c)
{
    if (c->width == 2)
        return " kern-form-input__input--width-2";
    return c->width == 4 ? " kern-form-input__input--width-4" : "";
}

/* "bday" stands for the three fields of a date. */
static const char *autocomplete(const eb_control_t *c, const char *part, apr_pool_t *pool)
{
    if (!c->autocomplete)
        return "off";
    return apr_pstrcat(pool, c->autocomplete, part, NULL);
}

static const char *said(const char *text, const eb_words_t *words, apr_pool_t *pool)
{
    eb_buf_t out;
    eb_buf_init(&out, text ? strlen(text) + 64 : 1, pool);
    if (text)
        eb_text_write(&out, text, words);
    return eb_buf_cstr(&out);
}

static const char *paragraph(const char *text, const eb_words_t *words, apr_pool_t *pool)
{
    return apr_pstrcat(pool, "<p class='kern-body'>", said(text, words, pool), "</p>", NULL);
}

enum { NAMES_MAX = 48 };

typedef struct names_t {
    eb_name_t list[NAMES_MAX + 1];
    int count;
    bool bad;
} names_t;

static void text(names_t *n, const char *name, const char *value)
{
    n->list[n->count++] = (eb_name_t){name, .text = value ? value : ""};
}

static void html(names_t *n, const char *name, const char *value)
{
    n->list[n->count++] = (eb_name_t){name, .html = value ? value : ""};
}

static void nested(names_t *n, const char *name, bool given, const char *value)
{
    n->list[n->count++] = (eb_name_t){name, .nested = given ? value : ""};
}

static void mark(names_t *n, const char *name, const char *when_bad)
{
    html(n, name, n->bad ? when_bad : "");
}

static void name_content(names_t *n, const eb_control_t *c, const eb_words_t *words,
                         apr_pool_t *pool)
{
    text(n, "id", c->node ? c->node->param : "");
    html(n, "label", said(c->label, words, pool));
    nested(n, "hint", c->hint != NULL, hint);
    html(n, "hint_id", c->node ? apr_psprintf(pool, " id='%s-hint'", c->node->param) : "");
    html(n, "hint_text", said(c->hint, words, pool));
    html(n, "more", c->kind == EB_CONTROL_CHECKBOX ? " ez-box-more" : "");
    nested(n, "help", c->help || c->help_html, help);
    html(n, "help_text", c->help_html || !c->help ? c->help_html : paragraph(c->help, words, pool));
    html(n, "prose", c->html);
    html(n, "pair", c->german_html ? " ez-pair" : "");
    html(n, "both", c->german_html ? "<div class='ez-text ez-pair'>" : "");
    html(n, "both_end", c->german_html ? "</div>" : "");
    nested(n, "german", c->german_html != NULL, german);
    html(n, "german_text", c->german_html);
    html(n, "group_id",
         c->node ? apr_psprintf(pool, " id='%s' tabindex='-1'", c->node->param) : "");
}

static void name_attributes(names_t *n, const eb_control_t *c, apr_pool_t *pool)
{
    nested(n, "typing", true, typing);
    html(n, "number_typing", number_typing);
    html(n, "inputmode", inputmode(c, pool));
    text(n, "autocomplete", autocomplete(c, "", pool));
    text(n, "autocomplete_day", autocomplete(c, "-day", pool));
    text(n, "autocomplete_month", autocomplete(c, "-month", pool));
    text(n, "autocomplete_year", autocomplete(c, "-year", pool));
    html(n, "width", width(c));
    html(n, "describedby", describedby(c, n->bad, pool));
}

/* Which parts of a date are wrong only the request knows: eb_control_holes has them. */
static void name_faults(names_t *n)
{
    mark(n, "bad_box", " kern-form-input--error");
    mark(n, "bad_field", " kern-form-input__input--error");
    mark(n, "bad_select", " kern-form-input__select--error");
    mark(n, "bad_set", " kern-fieldset--error");
    mark(n, "bad_check", " kern-form-check--error");
    mark(n, "bad_mark", " kern-form-check__checkbox--error");
    mark(n, "invalid", " aria-invalid='true'");
    nested(n, "message", n->bad, message);
    if (n->bad)
        return;
    static const char *const parts[] = {"bad_day",     "bad_month",     "bad_year",
                                        "invalid_day", "invalid_month", "invalid_year"};
    for (int i = 0; i < 6; i++)
        html(n, parts[i], "");
}

/* Left out where the form always says the same; where it depends, the hole of the same name in
 * eb_control_holes asks. */
static void name_need(names_t *n, const eb_control_t *c, eb_need_t need)
{
    bool whole_date = c->node && c->node->type && !c->node->type->partial;
    if (need == EB_NEED_ASK) {
        if (!whole_date)
            html(n, "needed_day", "");
        return;
    }
    const char *needed = need == EB_NEED_ALWAYS ? " aria-required='true'" : "";
    html(n, "needed", needed);
    html(n, "needed_day", whole_date ? needed : "");
    nested(n, "optional", need == EB_NEED_NEVER && is_input(c), optional);
}

typedef struct planner_t {
    eb_page_plan_t *page;
    const eb_control_t *binding; /* the first of the page of which only the German binds */
    const eb_texts_t *texts;
    apr_hash_t *lists;
    eb_problem_t **problem;
    apr_pool_t *pool;
} planner_t;

static apr_status_t lay_out(const eb_template_t **t, const planner_t *p, const eb_plan_t *plan,
                            bool bad, const char *field)
{
    names_t n = {.bad = bad};
    name_content(&n, plan->control, p->texts->words, p->pool);
    nested(&n, "binding", plan->control == p->binding, binding);
    name_attributes(&n, plan->control, p->pool);
    name_faults(&n);
    name_need(&n, plan->control, plan->need);
    const eb_name_t *const scopes[] = {n.list, eb_control_holes, eb_shell_names, NULL};
    return eb_template_compile(t, field, scopes, p->texts, p->problem, p->pool);
}

/* One list serves all controls that offer it. */
static const eb_choices_t *codes(const planner_t *p, const eb_codelist_t *list)
{
    eb_choices_t *choices = apr_hash_get(p->lists, list->name, APR_HASH_KEY_STRING);
    if (!choices) {
        choices = eb_choices_codes(list, p->texts, p->pool);
        apr_hash_set(p->lists, list->name, APR_HASH_KEY_STRING, choices);
    }
    return choices;
}

static void plan_choices(eb_plan_t *plan, const planner_t *p)
{
    const eb_control_t *c = plan->control;
    if (c->kind == EB_CONTROL_RADIO || c->kind == EB_CONTROL_CHECKBOXES) {
        plan->choices = eb_choices_boxes(c, false, p->pool);
        plan->bad_choices = eb_choices_boxes(c, true, p->pool);
    } else if (c->kind == EB_CONTROL_SELECT) {
        const eb_codelist_t *list = c->items_count ? NULL : c->node->facets.codes;
        plan->choices = list ? codes(p, list) : eb_choices_items(c, p->texts, p->pool);
        plan->bad_choices = plan->choices;
    }
}

static apr_status_t plan_control(eb_plan_t *plan, const planner_t *p, const eb_control_t *c)
{
    plan->control = c;
    plan->need = need_of(c);
    plan->always = eb_node_always(c->node);
    plan->readonly = is_input(c) && may_be_readonly(c->node);
    plan_choices(plan, p);
    apr_status_t rv = lay_out(&plan->good, p, plan, false, fields[c->kind]);
    if (rv == APR_SUCCESS && c->node)
        rv = lay_out(&plan->bad, p, plan, true, fields[c->kind]);
    if (rv == APR_SUCCESS && plan->readonly)
        rv = lay_out(&plan->fixed, p, plan, false, field_output);
    return rv;
}

static apr_status_t plan_list(const planner_t *p, eb_plan_t **first, const eb_control_t *controls)
{
    for (const eb_control_t *c = controls; c; c = c->next, first = &(*first)->next) {
        *first = apr_pcalloc(p->pool, sizeof(**first));
        apr_status_t rv = plan_control(*first, p, c);
        if (rv == APR_SUCCESS)
            rv = plan_list(p, &(*first)->first, c->first);
        if (rv != APR_SUCCESS)
            return rv;
        p->page->size += eb_template_size((*first)->good) + 512;
        if (is_input(c) && c->kind != EB_CONTROL_CHECKBOX && (*first)->need != EB_NEED_ALWAYS)
            p->page->optional = true;
    }
    return APR_SUCCESS;
}

static const eb_control_t *first_binding(const eb_page_t *page)
{
    const eb_control_t *c = eb_control_next(page, NULL);
    while (c && !c->german_html)
        c = eb_control_next(page, c);
    return c;
}

apr_status_t eb_plan_make(eb_page_plan_t *plan, const eb_page_t *page, const eb_texts_t *texts,
                          apr_hash_t *lists, eb_problem_t **problem, apr_pool_t *pool)
{
    planner_t planner = {plan, first_binding(page), texts, lists, problem, pool};
    return plan_list(&planner, &plan->first, page->controls);
}
