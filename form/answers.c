/* Taking a page's answers happens in three passes over the page's controls: parameters find their
 * control, texts become canonical values, and only when nothing was wrong with any of them do the
 * values go into the instance. */
#include "answers.h"
#include "files.h"
#include "base/date.h"
#include "base/utf8.h"

#include <apr_strings.h>
#include <string.h>

#define TYPED_MAX (4 * EB_TEXT_MAX) /* bytes kept of a text that is no answer */

enum { DAY, MONTH, YEAR, PARTS };
static const char *const part_names[PARTS] = {".tag", ".monat", ".jahr"};

/* One control and what came for it: a text, or the parts of a date. */
typedef struct taken_t {
    const eb_control_t *control;
    bool open; /* relevant, and not read-only */
    const char *texts[PARTS];
    const char *value;
} taken_t;

static bool asks(const eb_control_t *control)
{
    return control->node && control->node->kind == EB_NODE_FIELD;
}

static taken_t *controls_of(const eb_page_t *page, const eb_context_t *c, int *count)
{
    const eb_control_t *control = NULL;
    *count = 0;
    while ((control = eb_control_next(page, control)))
        *count += asks(control);
    taken_t *list = apr_pcalloc(c->pool, (*count + 1) * sizeof *list), *next = list;
    while ((control = eb_control_next(page, control))) {
        if (!asks(control))
            continue;
        next->control = control;
        next->open = eb_rules_relevant(control->node, c) && !eb_rules_readonly(control->node, c);
        next++;
    }
    return list;
}

/* Which of the control's texts a parameter is; -1: none. */
static int part_of(const eb_control_t *control, const char *name)
{
    apr_size_t len = strlen(control->node->param);
    if (strncmp(name, control->node->param, len) != 0)
        return -1;
    if (control->kind == EB_CONTROL_UPLOAD)
        return strcmp(name + len, EB_FILES_LATER) == 0 ? 0 : -1;
    if (control->kind != EB_CONTROL_DATE)
        return name[len] ? -1 : 0;
    for (int i = 0; i < PARTS; i++)
        if (strcmp(name + len, part_names[i]) == 0)
            return i;
    return -1;
}

static eb_answers_verdict_t place(taken_t *list, int count, const eb_param_t *param,
                                  apr_pool_t *pool)
{
    for (int i = 0; i < count; i++) {
        int part = part_of(list[i].control, param->name);
        if (part < 0)
            continue;
        const char **text = &list[i].texts[part];
        if (*text && list[i].control->kind != EB_CONTROL_CHECKBOXES)
            return EB_ANSWERS_TWICE;
        *text = *text ? apr_pstrcat(pool, *text, " ", param->value, NULL) : param->value;
        return EB_ANSWERS_OK;
    }
    return EB_ANSWERS_UNKNOWN;
}

bool eb_answers_asked(const eb_page_t *page, const char *name)
{
    for (const eb_control_t *control = NULL; (control = eb_control_next(page, control));)
        if (asks(control) && part_of(control, name) >= 0)
            return true;
    return false;
}

/* The length of white space at s, a no-break space included: it comes with pasted text. */
static apr_size_t space_at(const char *s)
{
    if (*s && strchr(" \t\r\n", *s))
        return 1;
    return strncmp(s, "\u00A0", 2) == 0 ? 2 : 0;
}

static apr_size_t space_before(const char *start, const char *end)
{
    if (end - start >= 1 && space_at(end - 1) == 1)
        return 1;
    return end - start >= 2 && space_at(end - 2) == 2 ? 2 : 0;
}

/* Trimmed, line breaks as LF, in NFC, digits as 0 to 9; a copy in the pool. */
static const char *normal_text(const char *typed, apr_pool_t *pool)
{
    apr_size_t n;
    while ((n = space_at(typed)))
        typed += n;
    const char *end = typed + strlen(typed), *normal;
    while ((n = space_before(typed, end)))
        end -= n;
    char *text = apr_pstrmemdup(pool, typed, end - typed), *to = text;
    for (const char *s = text; *s; s++) {
        if (*s != '\r')
            *to++ = *s;
        else if (s[1] != '\n')
            *to++ = '\n';
    }
    *to = '\0';
    return eb_utf8_digits(eb_utf8_nfc(&normal, text, pool) == APR_SUCCESS ? normal : text, pool);
}

/* What cannot be an answer is kept, so that the page can show it again with what is wrong. */
static const char *as_typed(const char *text, apr_pool_t *pool)
{
    apr_size_t len = strlen(text);
    if (len <= TYPED_MAX)
        return text;
    len = TYPED_MAX;
    while (((unsigned char)text[len] & 0xC0) == 0x80)
        len--;
    return apr_pstrmemdup(pool, text, len);
}

static bool parse(const char **value, const eb_control_t *control, const char *text,
                  apr_pool_t *pool)
{
    const char *why;
    const eb_node_t *node = control->node;
    return *text && node->type->parse(value, &why, node->type, &node->facets, text, pool) == 0;
}

static bool has_item(const eb_control_t *control, const char *value)
{
    for (int i = 0; i < control->items_count; i++)
        if (strcmp(control->items[i].value, value) == 0)
            return true;
    return false;
}

/* A chosen value is one of those that the page offered, or the request is not the page's. */
static bool take_choice(taken_t *t, apr_pool_t *pool)
{
    const eb_control_t *control = t->control;
    const char *text = t->texts[0] ? apr_pstrdup(pool, t->texts[0]) : "";
    if (!*text)
        return true;
    if (control->kind == EB_CONTROL_CHECKBOX)
        return parse(&t->value, control, text, pool) && strcmp(t->value, "true") == 0;
    if (control->kind != EB_CONTROL_CHECKBOXES && control->items_count && !has_item(control, text))
        return false;
    return parse(&t->value, control, text, pool);
}

static const char *date_part(const char *typed, apr_pool_t *pool)
{
    const char *text = typed ? normal_text(typed, pool) : "";
    apr_size_t len = strlen(text);
    while (len && text[len - 1] == '.')
        len--;
    return apr_pstrmemdup(pool, text, len);
}

/* Who types the whole date into the first field means just that. */
static void take_date(taken_t *t, apr_pool_t *pool)
{
    const char *day = date_part(t->texts[DAY], pool), *month = date_part(t->texts[MONTH], pool);
    const char *year = date_part(t->texts[YEAR], pool);
    if (!*day && !*month && !*year)
        return;
    bool whole = !*month && !*year && strpbrk(day, ". /-");
    if (whole && parse(&t->value, t->control, day, pool))
        return;
    const char *text = apr_pstrcat(pool, day, ".", month, ".", year, NULL);
    if (!parse(&t->value, t->control, text, pool))
        t->value = as_typed(text, pool);
}

static void take_text(taken_t *t, apr_pool_t *pool)
{
    const char *text = t->texts[0] ? normal_text(t->texts[0], pool) : "";
    if (!parse(&t->value, t->control, text, pool))
        t->value = as_typed(text, pool);
}

/* Only the box: files come and go by other ways, and stay whatever is said here. */
static bool take_later(taken_t *t, const eb_instance_t *in, const eb_context_t *c)
{
    eb_files_t files;
    const char *text = t->texts[0], *old = eb_instance_get(in, t->control->node, c->entry);
    if (text && strcmp(text, "ja") != 0)
        return false;
    eb_files_parse(&files, old, c->pool);
    bool same = files.later == (text != NULL);
    files.later = text != NULL;
    t->value = same ? old : eb_files_text(&files, c->pool);
    return true;
}

/* False when the value cannot have come from the page. */
static bool take_one(taken_t *t, const eb_instance_t *in, const eb_context_t *c)
{
    apr_pool_t *pool = c->pool;
    switch (t->control->kind) {
    case EB_CONTROL_DATE: take_date(t, pool); return true;
    case EB_CONTROL_RADIO:
    case EB_CONTROL_SELECT:
    case EB_CONTROL_CHECKBOX:
    case EB_CONTROL_CHECKBOXES: return take_choice(t, pool);
    case EB_CONTROL_UPLOAD: return take_later(t, in, c);
    default: take_text(t, pool); return true;
    }
}

eb_answers_verdict_t eb_answers_take(eb_instance_t *in, const eb_page_t *page,
                                     const eb_params_t *params, const eb_context_t *c,
                                     const char **culprit)
{
    int count;
    taken_t *list = controls_of(page, c, &count);
    for (int i = 0; i < params->count; i++) {
        *culprit = params->list[i].name;
        eb_answers_verdict_t verdict =
            **culprit == '_' ? EB_ANSWERS_OK : place(list, count, &params->list[i], c->pool);
        if (verdict != EB_ANSWERS_OK)
            return verdict;
    }
    for (int i = 0; i < count; i++) {
        *culprit = list[i].control->node->param;
        if (list[i].open && !take_one(&list[i], in, c))
            return EB_ANSWERS_UNKNOWN;
    }
    *culprit = NULL;
    for (int i = 0; i < count; i++)
        if (list[i].open)
            eb_instance_set(in, list[i].control->node, c->entry, list[i].value);
    return EB_ANSWERS_OK;
}

void eb_answers_date_parts(const char *value, const char **day, const char **month,
                           const char **year, apr_pool_t *pool)
{
    eb_date_t date;
    *day = *month = *year = "";
    if (!value)
        return;
    if (eb_date_parse(&date, value, true)) {
        *year = apr_itoa(pool, date.year);
        *month = date.month ? apr_itoa(pool, date.month) : "";
        *day = date.day ? apr_itoa(pool, date.day) : "";
        return;
    }
    const char *first = strchr(value, '.'), *last = strrchr(value, '.');
    *day = first ? apr_pstrmemdup(pool, value, first - value) : value;
    if (last > first)
        *month = apr_pstrmemdup(pool, first + 1, last - first - 1);
    if (last)
        *year = last + 1;
}

#define FNV_START 0xcbf29ce484222325u
#define FNV_PRIME 0x100000001b3u

/* With the NUL, so that "ab","c" and "a","bc" differ. */
static apr_uint64_t digest_text(apr_uint64_t digest, const char *text)
{
    do
        digest = (digest ^ (unsigned char)*text) * FNV_PRIME;
    while (*text++);
    return digest;
}

apr_uint64_t eb_answers_digest(const eb_instance_t *in, const eb_page_t *page, int entry)
{
    apr_uint64_t digest = FNV_START;
    for (const eb_control_t *control = NULL; (control = eb_control_next(page, control));) {
        if (!asks(control) || control->kind == EB_CONTROL_UPLOAD)
            continue;
        const char *value = eb_instance_get(in, control->node, entry);
        digest = digest_text(digest, control->node->param);
        digest = digest_text(digest, value ? value : "");
    }
    return digest;
}

apr_uint64_t eb_answers_row_digest(const eb_instance_t *in, const eb_node_t *field, int entry)
{
    const eb_row_t *row = eb_instance_row(in, field->scope, entry);
    apr_uint64_t digest = FNV_START;
    for (int i = 0; row && i < field->scope->fields_count; i++) {
        const eb_control_t *control = field->scope->fields[i]->control;
        if (!control || control->kind != EB_CONTROL_UPLOAD)
            digest = digest_text(digest, row->values[i] ? row->values[i] : "");
    }
    return row ? digest : 0;
}
