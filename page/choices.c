/* The spots are sorted by value where one is chosen (a binary search finds it), and stay in the
 * order of the text where several may be. */
#include "choices.h"
#include "texts.h"

#include <apr_strings.h>
#include <stdlib.h>

typedef struct spot_t {
    const char *value;
    apr_size_t at; /* behind the tag's last attribute */
} spot_t;

struct eb_choices_t {
    const char *text, *mark; /* " selected='selected'" */
    apr_size_t len, mark_len;
    apr_size_t extra; /* where a choice that is no longer offered is drawn */
    spot_t *spots;
    int count;
};

static int spot_compare(const void *a, const void *b)
{
    const spot_t *x = a, *y = b;
    int order = strcmp(x->value, y->value);
    return order ? order : (x->at < y->at ? -1 : x->at > y->at);
}

static eb_choices_t *choices_new(const char *mark, int room, apr_pool_t *pool)
{
    eb_choices_t *c = apr_pcalloc(pool, sizeof(*c));
    c->mark = mark;
    c->mark_len = strlen(mark);
    c->spots = apr_palloc(pool, (apr_size_t)room * sizeof(spot_t));
    return c;
}

static void choices_end(eb_choices_t *c, const eb_buf_t *text, bool sorted, apr_pool_t *pool)
{
    c->text = apr_pmemdup(pool, text->data, text->len);
    c->len = text->len;
    if (sorted)
        qsort(c->spots, (apr_size_t)c->count, sizeof(spot_t), spot_compare);
}

static void option(eb_choices_t *c, eb_buf_t *text, const char *value, const char *label,
                   const eb_words_t *words)
{
    eb_buf_puts(text, "<option value='");
    eb_buf_html(text, value);
    eb_buf_putc(text, '\'');
    if (c)
        c->spots[c->count++] = (spot_t){value, text->len};
    eb_buf_puts(text, eb_words_lacks(words, label) ? " lang='de' dir='ltr'>" : ">");
    eb_buf_html(text, label);
    eb_buf_puts(text, "</option>");
}

static void options_begin(eb_choices_t *c, eb_buf_t *text, const eb_texts_t *texts)
{
    option(NULL, text, "", texts->text[EB_T_CHOOSE], texts->words);
    c->extra = text->len;
}

static void option_group(eb_buf_t *text, const eb_texts_t *texts, eb_text_id_t label)
{
    eb_buf_puts(text, "<optgroup label='");
    eb_buf_html(text, texts->text[label]);
    eb_buf_puts(text, "'>");
}

/* What most people look for stands at the top, and again in its place; only the first of the two
 * has a spot, since a list has one selected option. */
static int suggested(eb_choices_t *c, eb_buf_t *text, const eb_codelist_t *list,
                     const eb_texts_t *texts)
{
    int count = 0;
    for (int i = 0; i < list->count; i++) {
        const eb_code_t *code = &list->codes[i];
        if (!code->suggested || !code->offered)
            continue;
        if (!count++)
            option_group(text, texts, EB_T_OFTEN);
        option(c, text, code->code, code->name, texts->words);
    }
    if (count)
        eb_buf_puts(text, "</optgroup>");
    return count;
}

eb_choices_t *eb_choices_codes(const eb_codelist_t *list, const eb_texts_t *texts, apr_pool_t *pool)
{
    apr_pool_t *scratch;
    apr_pool_create(&scratch, pool);
    eb_choices_t *c = choices_new(" selected='selected'", list->count, pool);
    eb_buf_t text;
    eb_buf_init(&text, (apr_size_t)list->count * 64 + 256, scratch);
    options_begin(c, &text, texts);
    bool grouped = suggested(c, &text, list, texts) > 0;
    if (grouped)
        option_group(&text, texts, EB_T_ALL);
    for (int i = 0; i < list->count; i++) {
        const eb_code_t *code = &list->codes[i];
        if (code->offered)
            option(code->suggested ? NULL : c, &text, code->code, code->name, texts->words);
    }
    if (grouped)
        eb_buf_puts(&text, "</optgroup>");
    choices_end(c, &text, true, pool);
    apr_pool_destroy(scratch);
    return c;
}

eb_choices_t *eb_choices_items(const eb_control_t *control, const eb_texts_t *texts,
                               apr_pool_t *pool)
{
    eb_choices_t *c = choices_new(" selected='selected'", control->items_count, pool);
    eb_buf_t text;
    eb_buf_init(&text, (apr_size_t)control->items_count * 64 + 256, pool);
    options_begin(c, &text, texts);
    for (int i = 0; i < control->items_count; i++)
        option(c, &text, control->items[i].value, control->items[i].label, texts->words);
    choices_end(c, &text, true, pool);
    return c;
}

/* The first box has the node's name as its id, so that a link from the error summary arrives. */
static const char *box_id(const char *param, int i, apr_pool_t *pool)
{
    return i ? apr_psprintf(pool, "%s-%d", param, i + 1) : param;
}

static void box(eb_choices_t *c, eb_buf_t *text, const eb_control_t *control, const eb_item_t *item,
                bool bad)
{
    int i = c->count;
    const eb_words_t *words = control->node->facets.words;
    const char *kind = control->kind == EB_CONTROL_RADIO ? "radio" : "checkbox";
    const char *id = box_id(control->node->param, i, text->pool);
    eb_buf_printf(text, "<div class='kern-form-check%s'>", bad ? " kern-form-check--error" : "");
    eb_buf_printf(text, "<input class='kern-form-check__%s", kind);
    if (bad)
        eb_buf_printf(text, " kern-form-check__%s--error", kind);
    eb_buf_printf(text, "' type='%s' id='%s' name='%s' value='", kind, id, control->node->param);
    eb_buf_html(text, item->value);
    eb_buf_putc(text, '\'');
    if (item->hint)
        eb_buf_printf(text, " aria-describedby='%s-zusatz'", id);
    c->spots[c->count++] = (spot_t){item->value, text->len};
    eb_buf_printf(text, "/><label class='kern-label' for='%s'>", id);
    eb_text_write(text, item->label, words);
    eb_buf_puts(text, "</label>");
    if (item->hint) {
        eb_buf_printf(text, "<div class='kern-hint ez-box-more' id='%s-zusatz'>", id);
        eb_text_write(text, item->hint, words);
        eb_buf_puts(text, "</div>");
    }
    eb_buf_puts(text, "</div>");
}

/* A short code list may be drawn as boxes, too. */
static const eb_item_t *items_of(const eb_control_t *control, int *count, apr_pool_t *pool)
{
    *count = control->items_count;
    if (*count || !control->node->facets.codes)
        return control->items;
    const eb_codelist_t *list = control->node->facets.codes;
    eb_item_t *items = apr_pcalloc(pool, (apr_size_t)list->count * sizeof(*items));
    for (int i = 0; i < list->count; i++) {
        if (list->codes[i].offered)
            items[(*count)++] = (eb_item_t){list->codes[i].code, list->codes[i].name, NULL};
    }
    return items;
}

eb_choices_t *eb_choices_boxes(const eb_control_t *control, bool bad, apr_pool_t *pool)
{
    apr_pool_t *scratch;
    apr_pool_create(&scratch, pool);
    int count;
    const eb_item_t *items = items_of(control, &count, scratch);
    eb_choices_t *c = choices_new(" checked='checked'", count, pool);
    eb_buf_t text;
    eb_buf_init(&text, (apr_size_t)count * 256 + 256, scratch);
    for (int i = 0; i < count; i++)
        box(c, &text, control, &items[i], bad);
    choices_end(c, &text, control->kind == EB_CONTROL_RADIO, pool);
    apr_pool_destroy(scratch);
    return c;
}

static const spot_t *spot_find(const eb_choices_t *c, const char *value)
{
    int low = 0, high = c->count;
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (strcmp(c->spots[middle].value, value) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < c->count && !strcmp(c->spots[low].value, value) ? &c->spots[low] : NULL;
}

void eb_choices_write(eb_buf_t *out, const eb_choices_t *c, const char *value, const char *label)
{
    const spot_t *spot = value ? spot_find(c, value) : NULL;
    apr_size_t at = spot ? spot->at : c->extra;
    eb_buf_reserve(out, c->len + c->mark_len);
    eb_buf_add(out, c->text, at);
    if (spot) {
        eb_buf_add(out, c->mark, c->mark_len);
    } else if (value && label && c->extra) {
        eb_buf_puts(out, "<option value='");
        eb_buf_html(out, value);
        eb_buf_puts(out, "' selected='selected'>");
        eb_buf_html(out, label);
        eb_buf_puts(out, "</option>");
    }
    eb_buf_add(out, c->text + at, c->len - at);
}

bool eb_choices_contain(const char *values, const char *value)
{
    apr_size_t len = strlen(value);
    while (values && *values) {
        apr_size_t word = strcspn(values, " ");
        if (word == len && !memcmp(values, value, len))
            return true;
        values += word + strspn(values + word, " ");
    }
    return false;
}

void eb_choices_write_all(eb_buf_t *out, const eb_choices_t *c, const char *values)
{
    apr_size_t at = 0;
    for (int i = 0; i < c->count; i++) {
        if (!eb_choices_contain(values, c->spots[i].value))
            continue;
        eb_buf_add(out, c->text + at, c->spots[i].at - at);
        eb_buf_add(out, c->mark, c->mark_len);
        at = c->spots[i].at;
    }
    eb_buf_add(out, c->text + at, c->len - at);
}
