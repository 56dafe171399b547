/* Instances: rows, entries, and the encoding of drafts, tried with everything a damaged one could
 * hold. */
#include "tap.h"
#include "sample.h"

#define FORM "antrag(person(name(ruf geburt) alter) kinder(kind*(name alter)) reisen(reise*(land)))"

static eb_instance_t *sample(eb_form_t *form, apr_pool_t *pool)
{
    int entry;
    eb_instance_t *in = eb_instance_new(form, pool);
    eb_instance_set(in, sample_find(form, "person/name/geburt"), EB_ROOT, "Çelik");
    eb_instance_set(in, sample_find(form, "person/alter"), EB_ROOT, "34");
    eb_node_t *kind = sample_find(form, "kinder/kind");
    for (int i = 0; i < 3; i++) {
        eb_instance_add(in, kind, 15, &entry);
        eb_instance_set(in, sample_find(form, "kinder/kind/name"), entry,
                        apr_psprintf(pool, "Kind %d", i));
    }
    eb_instance_set(in, sample_find(form, "kinder/kind/alter"), 1, "7");
    return in;
}

static void test_rows(apr_pool_t *pool)
{
    eb_form_t *form = sample_form(FORM, pool);
    eb_instance_t *in = sample(form, pool);
    eb_node_t *kind = sample_find(form, "kinder/kind"),
              *name = sample_find(form, "kinder/kind/name");
    int entry = -7;
    is_str(eb_instance_get(in, sample_find(form, "person/name/geburt"), 5), "Çelik",
           "root fields ignore the entry");
    is_str(eb_instance_get(in, sample_find(form, "person/name/ruf"), EB_ROOT), NULL,
           "what nobody answered is NULL");
    is_str(eb_instance_get(in, name, 2), "Kind 2", "the third entry");
    is_str(eb_instance_get(in, name, 3), NULL, "there is no fourth");
    is_str(eb_instance_get(in, name, EB_ROOT), NULL, "an entry's field without an entry");
    ok(eb_instance_row(in, kind->entries, 3) == NULL, "no row beyond the last");
    eb_instance_set(in, name, 99, "nobody");
    eb_instance_set(in, name, 2, "");
    is_str(eb_instance_get(in, name, 2), NULL, "empty is unanswered");
    is_int(eb_instance_add(in, kind, 3, &entry), APR_ENOSPC, "not above max");
    is_int(entry, -7, "nothing was added");
    is_int(eb_instance_remove(in, kind, 3), APR_NOTFOUND, "nothing to remove");
    is_int(eb_instance_remove(in, kind, -1), APR_NOTFOUND, "nor before the first");
    is_int(eb_instance_remove(in, kind, 0), APR_SUCCESS, "removes the first");
    is_str(eb_instance_get(in, name, 0), "Kind 1", "the second moves up");
    is_str(eb_instance_get(in, sample_find(form, "kinder/kind/alter"), 0), "7", "with all of it");
    is_int(in->lists[kind->slot].count, 2, "two are left");
    is_int(eb_instance_add(in, kind, 3, &entry), APR_SUCCESS, "one more");
    is_int(entry, 2, "at the end");
    is_str(eb_instance_get(in, name, 2), NULL, "and empty");
    for (int i = 0; i < 1000; i++)
        eb_instance_add(in, kind, 1000, &entry);
    is_int(in->lists[kind->slot].count, EB_ENTRIES_MAX, "no step may go beyond the codec's limit");
}

static void test_seen(apr_pool_t *pool)
{
    eb_instance_t *in = eb_instance_new(sample_form(FORM, pool), pool);
    eb_step_t a = {.number = 8}, b = {.number = EB_STEPS_MAX - 1}, c = {.number = 9};
    eb_instance_set_seen(in, &a, true);
    eb_instance_set_seen(in, &b, true);
    eb_instance_set_seen(in, &c, true);
    eb_instance_set_seen(in, &a, false);
    ok(!eb_instance_seen(in, &a), "not seen again");
    ok(eb_instance_seen(in, &b), "the last step");
    ok(eb_instance_seen(in, &c), "its neighbour is not touched");
}

static eb_buf_t encoded(const eb_instance_t *in, apr_pool_t *pool)
{
    eb_buf_t b;
    eb_buf_init(&b, 64, pool);
    eb_instance_encode(&b, in);
    return b;
}

static void test_codec(apr_pool_t *pool)
{
    eb_form_t *form = sample_form(FORM, pool);
    eb_instance_t *in = sample(form, pool), *back = NULL;
    eb_step_t step = {.number = 77};
    eb_instance_set_seen(in, &step, true);
    eb_buf_t b = encoded(in, pool);
    is_int(eb_instance_decode(&back, form, b.data, b.len, pool), APR_SUCCESS, "decodes");
    is_str(eb_instance_get(back, sample_find(form, "person/name/geburt"), EB_ROOT), "Çelik",
           "a root field");
    const char *alter = eb_instance_get(back, sample_find(form, "kinder/kind/alter"), 1);
    is_str(alter, "7", "an entry's field");
    ok(alter > b.data && alter < b.data + b.len, "values point into the record");
    ok(eb_instance_seen(back, &step), "seen steps");
    is_int(back->lists[0].count, 3, "three children");
    is_int(back->lists[1].count, 0, "no journeys");
    eb_buf_t again = encoded(back, pool);
    ok(again.len == b.len && memcmp(again.data, b.data, b.len) == 0, "encodes to the same again");
    eb_buf_t empty = encoded(eb_instance_new(form, pool), pool);
    is_int(empty.len, 1 + EB_STEPS_MAX / 8 + 3, "an empty instance is a few bytes");
    is_int(eb_instance_decode(&back, form, empty.data, empty.len, pool), APR_SUCCESS, "also back");
}

/* Every cut is refused; every changed byte is refused or is the one encoding of something else. */
static void test_damage(apr_pool_t *pool)
{
    eb_form_t *form = sample_form(FORM, pool);
    eb_instance_t *back;
    eb_buf_t b = encoded(sample(form, pool), pool);
    int accepted = 0, ambiguous = 0;
    for (apr_size_t len = 0; len < b.len; len++) {
        char *cut = malloc(len + 1);
        memcpy(cut, b.data, len);
        accepted += eb_instance_decode(&back, form, cut, len, pool) == APR_SUCCESS;
        free(cut);
    }
    is_int(accepted, 0, "no cut record is accepted");
    for (apr_size_t i = 0; i < b.len; i++)
        for (int value = 0; value < 256; value++) {
            char *bad = malloc(b.len);
            memcpy(bad, b.data, b.len);
            bad[i] = (char)value;
            if (eb_instance_decode(&back, form, bad, b.len, pool) == APR_SUCCESS) {
                eb_buf_t again = encoded(back, pool);
                ambiguous += again.len != b.len || memcmp(again.data, bad, b.len) != 0;
            }
            free(bad);
        }
    is_int(ambiguous, 0, "a changed record is refused or the only one of its kind");
    char *longer = apr_pcalloc(pool, b.len + 1);
    memcpy(longer, b.data, b.len);
    is_int(eb_instance_decode(&back, form, longer, b.len + 1, pool), APR_EINVAL, "nothing behind");
    is_int(eb_instance_decode(&back, form, apr_pcalloc(pool, EB_INSTANCE_MAX + 1),
                              EB_INSTANCE_MAX + 1, pool),
           APR_EINVAL, "too long");
}

/* Records put together by hand: a version byte, sixteen of seen steps, then what the case says. */
static void test_strict(apr_pool_t *pool)
{
    static const struct {
        const char *tail;
        int len;
        bool good;
        const char *name;
    } cases[] = {
        {"\0\0\0", 3, true, "nothing answered"},
        {"\1\0\1x\0\0\0", 7, true, "the first field"},
        {"\1\2\1x\0\0\0", 7, true, "the last field"},
        {"\1\3\1x\0\0\0", 7, false, "a field beyond the last"},
        {"\4\0\1x\0\0\1x\0\0\1x\0\0\1x\0\0\0", 19, false, "more fields than there are"},
        {"\1\0\0\0\0\0", 6, false, "an empty text"},
        {"\1\0\1x!\0\0", 7, false, "no NUL behind the text"},
        {"\1\0\2x\0\0\0\0", 8, false, "a NUL in the text"},
        {"\1\0\1\xff\0\0\0", 7, false, "not UTF-8"},
        {"\x80\0\0\0", 4, false, "a number with a needless byte"},
        {"\xff\xff\xff\xff\xff\x0f\0\0", 8, false, "a number of 35 bits"},
        {"\0\1\0\0", 4, true, "an empty entry"},
        {"\0\xc9\1\0", 4, false, "201 entries"},
    };
    eb_form_t *form = sample_form(FORM, pool);
    eb_instance_t *back;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        eb_buf_t b;
        eb_buf_init(&b, 64, pool);
        eb_buf_putc(&b, 1);
        eb_buf_add(&b, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
        eb_buf_add(&b, cases[i].tail, cases[i].len);
        apr_status_t status = eb_instance_decode(&back, form, b.data, b.len, pool);
        is_int(status, cases[i].good ? APR_SUCCESS : APR_EINVAL, cases[i].name);
    }
}

/* What a draft costs, for people; the best of several batches. */
static void measure(apr_pool_t *pool)
{
    eb_form_t *form = apr_pcalloc(pool, sizeof *form);
    eb_scope_t *scope = apr_pcalloc(pool, sizeof *scope);
    eb_node_t *root = apr_pcalloc(pool, sizeof *root);
    form->root = scope->top = root;
    form->scope = root->scope = scope;
    scope->fields_count = 220;
    eb_instance_t *in = eb_instance_new(form, pool), *back;
    for (int i = 0; i < 220; i++)
        in->root.values[i] = apr_psprintf(pool, "answer number %d", i);
    apr_pool_t *scratch;
    apr_pool_create(&scratch, pool);
    double encode = 1e9, decode = 1e9;
    eb_buf_t b = encoded(in, pool);
    for (int batch = 0; batch < 20; batch++) {
        enum { ROUNDS = 500 };
        apr_time_t start = apr_time_now();
        for (int i = 0; i < ROUNDS; i++) {
            b.len = 0;
            eb_instance_encode(&b, in);
        }
        double ns = (double)(apr_time_now() - start) * 1000 / ROUNDS;
        encode = ns < encode ? ns : encode;
        start = apr_time_now();
        for (int i = 0; i < ROUNDS; i++) {
            eb_instance_decode(&back, form, b.data, b.len, scratch);
            apr_pool_clear(scratch);
        }
        ns = (double)(apr_time_now() - start) * 1000 / ROUNDS;
        decode = ns < decode ? ns : decode;
    }
    printf("# 220 fields, %d bytes: encode %.0f ns, decode %.0f ns\n", (int)b.len, encode, decode);
}

int main(void)
{
    apr_pool_t *pool = tap_begin();
    test_rows(pool);
    test_seen(pool);
    test_codec(pool);
    test_damage(pool);
    test_strict(pool);
    measure(pool);
    return done();
}
