/* Lists of choices: the one that was chosen is marked, exactly once, wherever it stands. */
#include "tap.h"
#include "page/choices.h"
#include "page/texts.h"

static const eb_code_t codes[] = {{"121", "Albanien", false, true},
                                  {"138", "Jugoslawien", false, false},
                                  {"163", "Türkei", true, true},
                                  {"x<", "Z & <b>", false, true}};
static int by_code[] = {0, 1, 2, 3};
static const eb_codelist_t list = {.name = "test", .codes = codes, .count = 4, .by_code = by_code};

static const eb_item_t items[] = {
    {"de", "Deutsch", NULL}, {"d", "D & e", NULL}, {"tr", "T", "mehr"}};
static eb_node_t node = {.name = "sprache", .param = "person.sprache"};
static eb_control_t boxes = {
    .kind = EB_CONTROL_CHECKBOXES, .node = &node, .items = items, .items_count = 3};
static eb_control_t radio = {
    .kind = EB_CONTROL_RADIO, .node = &node, .items = items, .items_count = 3};

static const char *one(const eb_choices_t *c, const char *value, const char *label,
                       apr_pool_t *pool)
{
    eb_buf_t out;
    eb_buf_init(&out, 0, pool);
    eb_choices_write(&out, c, value, label);
    return eb_buf_cstr(&out);
}

static const char *many(const eb_choices_t *c, const char *values, apr_pool_t *pool)
{
    eb_buf_t out;
    eb_buf_init(&out, 0, pool);
    eb_choices_write_all(&out, c, values);
    return eb_buf_cstr(&out);
}

static int count(const char *text, const char *what)
{
    int n = 0;
    for (; (text = strstr(text, what)) != NULL; text += strlen(what))
        n++;
    return n;
}

static void test_codes(apr_pool_t *pool)
{
    const eb_choices_t *c = eb_choices_codes(&list, eb_texts_make(NULL, pool), pool);
    const char *none = one(c, NULL, NULL, pool);
    is_int(count(none, "selected"), 0, "nothing chosen, nothing marked");
    is_int(count(none, "<option value=''>Bitte wählen</option>"), 1, "an empty choice first");
    is_int(count(none, "value='163'"), 2, "a suggested code at the top and in its place");
    is_int(count(none, "Jugoslawien"), 0, "what is not offered is not shown");
    is_int(count(none, "value='x&lt;'>Z &amp; &lt;b&gt;"), 1, "codes and names are escaped");
    ok(strstr(one(c, "121", NULL, pool), "value='121' selected='selected'>"), "one is chosen");
    const char *turkey = one(c, "163", NULL, pool);
    is_int(count(turkey, "selected='selected'"), 1, "a suggested code is marked once");
    ok(strstr(turkey, "<optgroup label='Häufig gewählt'><option value='163' selected='selected'>"),
       "at the top");
    const char *old = one(c, "138", "Jugo & slawien", pool);
    is_int(count(old, "<option value='138' selected='selected'>Jugo &amp; slawien</option>"), 1,
           "an old code that somebody has is kept");
    is_int(count(one(c, "'><script>", NULL, pool), "script"), 0, "an unknown code shows nothing");
}

static void test_boxes(apr_pool_t *pool)
{
    const eb_choices_t *c = eb_choices_boxes(&boxes, false, pool);
    is_int(count(many(c, NULL, pool), "checked"), 0, "no box ticked");
    const char *two = many(c, "tr de", pool);
    is_int(count(two, "checked='checked'"), 2, "two boxes ticked");
    ok(strstr(two, "value='de' checked='checked'/>"), "the first");
    ok(strstr(two, "value='tr' aria-describedby='person.sprache-3-zusatz' checked='checked'/>"),
       "the one with a hint");
    is_int(count(many(c, "d", pool), "checked='checked'"), 1, "a part of a word is another word");
    ok(strstr(two, "id='person.sprache' "), "the first box has the name as its id");
    ok(strstr(two, "id='person.sprache-2' "), "the others count");
    is_int(count(two, "D &amp; e"), 1, "labels are escaped");
    const eb_choices_t *bad = eb_choices_boxes(&boxes, true, pool);
    is_int(count(many(bad, NULL, pool), "kern-form-check__checkbox--error"), 3, "faulty boxes");
    const eb_choices_t *r = eb_choices_boxes(&radio, false, pool);
    const char *chosen = one(r, "d", "D & e", pool);
    is_int(count(chosen, "checked='checked'"), 1, "one radio button is pressed");
    ok(strstr(chosen, "value='d' checked='checked'/>"), "the right one");
    is_int(count(one(r, "weg", "weg", pool), "weg"), 0, "radio buttons take in no stranger");
}

int main(void)
{
    apr_pool_t *pool = tap_begin();
    test_codes(pool);
    test_boxes(pool);
    ok(eb_choices_contain("a bc d", "bc"), "contained");
    ok(!eb_choices_contain("a bc d", "b") && !eb_choices_contain(NULL, "b"), "not contained");
    return done();
}
