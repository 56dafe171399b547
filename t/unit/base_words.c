/* A catalogue is read as it was meant, and a damaged one is refused: cut at every byte, with every
 * number in it turned into others. The file is built here, by the format's description. */
#include "base/words.h"
#include "tap.h"

#include <apr_strings.h>
#include <unistd.h>

#define HEADER(plural)                                                                             \
    "Language: tr\nX-Language-Name: Türkçe\nContent-Type: text/plain; charset=UTF-8\n"           \
    "Plural-Forms: " plural "\n"
#define TEXTS 5

typedef struct mo_t {
    unsigned char bytes[2048];
    size_t len;
    bool big; /* byte order */
} mo_t;

static void put(mo_t *mo, size_t at, unsigned value)
{
    for (int i = 0; i < 4; i++)
        mo->bytes[at + (size_t)i] = (unsigned char)(value >> 8 * (mo->big ? 3 - i : i));
}

static void add(mo_t *mo, size_t entry, const char *text, size_t len)
{
    put(mo, entry, (unsigned)len);
    put(mo, entry + 4, (unsigned)mo->len);
    memcpy(mo->bytes + mo->len, text, len);
    mo->len += len + 1;
}

static mo_t *make(const char *header, bool big, apr_pool_t *pool)
{
    static const char one[] = "{count} Kind\0{count} Kinder",
                      two[] = "{count} çocuk\0{count} çocuklar";
    const struct {
        const char *german, *said;
        size_t german_len, said_len;
    } texts[TEXTS] = {{"", header, 0, strlen(header)},
                      {"1.234,56", "1.234,56", 8, 8},
                      {"Weiter", "İleri", 6, strlen("İleri")},
                      {"eine", "bir", 4, 3}, /* without forms */
                      {one, two, sizeof(one) - 1, sizeof(two) - 1}};
    mo_t *mo = apr_pcalloc(pool, sizeof(*mo));
    mo->big = big;
    mo->len = 28 + 16 * TEXTS;
    put(mo, 0, 0x950412de);
    put(mo, 8, TEXTS);
    put(mo, 12, 28);
    put(mo, 16, 28 + 8 * TEXTS);
    for (size_t i = 0; i < TEXTS; i++) {
        add(mo, 28 + 8 * i, texts[i].german, texts[i].german_len);
        add(mo, 28 + 8 * (TEXTS + i), texts[i].said, texts[i].said_len);
    }
    return mo;
}

static const char *file;

static eb_words_t *load(const mo_t *mo, eb_problem_t **problem, apr_pool_t *pool)
{
    eb_words_t *words = NULL;
    FILE *f = fopen(file, "wb");
    fwrite(mo->bytes, 1, mo->len, f);
    fclose(f);
    apr_status_t rv = eb_words_load(&words, file, problem, pool);
    return rv == APR_SUCCESS ? words : NULL;
}

static const char good[] = HEADER("nplurals=2; plural=n!=1;");

static void test_read(bool big, apr_pool_t *pool)
{
    int taken, missing;
    eb_problem_t *problem = NULL;
    eb_words_t *words = load(make(good, big, pool), &problem, pool);
    if (!ok(words != NULL, big ? "in the other byte order" : "read"))
        return;
    is_str(eb_words_language(words), "tr", "its code");
    is_str(eb_words_name(words), "Türkçe", "its name");
    ok(!eb_words_rtl(words), "from left to right");
    is_str(eb_say(words, "Weiter"), "İleri", "a text");
    is_str(eb_say(words, "Zurück"), "Zurück", "what is missing is German");
    eb_words_take(words, "Weiter");
    eb_words_take(words, "Zurück");
    eb_words_counts(words, &taken, &missing);
    ok(eb_words_lacks(words, "Zur\u00FCck") && !eb_words_lacks(words, "Weiter") &&
           !eb_words_lacks(words, "Abbrechen") && !eb_words_lacks(NULL, "Zur\u00FCck"),
       "what was taken in vain is German, and nothing else");
    ok(taken == 2 && missing == 1, "and counted");
    eb_words_take(words, "Weiter");
    eb_words_take(words, "Zurück");
    eb_words_texts(words, &taken, &missing);
    ok(taken == 2 && missing == 1, "each text once");
    is_str(eb_say_count(words, pool, "{count} Kind", "{count} Kinder", 1), "1 çocuk", "one");
    is_str(eb_say_count(words, pool, "{count} Kind", "{count} Kinder", 7), "7 çocuklar", "many");
    is_str(eb_say_forms(words, pool, "{count} Kind", "{count} Kinder"),
           "{count} çocuk|{count} çocuklar", "all forms");
    is_str(eb_say_count(words, pool, "eine", "viele", 7), "viele", "a text without forms has none");
    is_str(eb_say_forms(words, pool, "eine", "viele"), "eine|viele", "… for scripts");
}

static void test_headers(apr_pool_t *pool)
{
    static const char *const bad[] = {
        "",
        "Language: tr\n",
        HEADER("nplurals=3; plural=n!=1;"),
        HEADER("nplurals=2; plural=n n;"),
        "Language: TR\nContent-Type: charset=UTF-8\nPlural-Forms: nplurals=2; plural=0;\n",
        "Language: ../tr\nContent-Type: charset=UTF-8\nPlural-Forms: nplurals=2; plural=0;\n",
        "Language: tr\nContent-Type: charset=ISO-8859-9\nPlural-Forms: nplurals=2; plural=0;\n"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        eb_problem_t *problem = NULL;
        ok(!load(make(bad[i], false, pool), &problem, pool) && problem && problem->remedy,
           apr_psprintf(pool, "header %d is refused, with a remedy", (int)i));
    }
}

/* Whatever is read can be used. */
static void use(const eb_words_t *words, apr_pool_t *pool)
{
    for (int n = 0; n < 3; n++)
        eb_say_count(words, pool, "{count} Kind", "{count} Kinder", n);
    eb_say_forms(words, pool, "{count} Kind", "{count} Kinder");
    eb_say_figure(words, "1234.5", pool);
}

static void test_damaged(apr_pool_t *pool)
{
    static const unsigned numbers[] = {0, 1, 27, 4096, 0x7fffffff, 0x80000000, 0xfffffff8, ~0u};
    mo_t *mo = make(good, false, pool);
    size_t whole = mo->len;
    int taken = 0, untold = 0;
    eb_problem_t *problem;
    for (mo->len = 0; mo->len < whole; mo->len++) {
        problem = NULL;
        taken += load(mo, &problem, pool) != NULL;
        untold += problem == NULL;
    }
    ok(taken == 0 && untold == 0, "cut short it is refused, at every byte");
    for (size_t at = 0; at < 28 + 16 * TEXTS; at += 4) {
        for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
            mo = make(good, false, pool);
            put(mo, at, numbers[i]);
            problem = NULL;
            eb_words_t *words = load(mo, &problem, pool);
            untold += !words && !problem;
            if (words)
                use(words, pool);
        }
    }
    is_int(untold, 0, "with another number in it, it is refused or can be used");
    problem = NULL;
    mo = make(good, false, pool);
    put(mo, 0, 0x12345678);
    ok(!load(mo, &problem, pool), "not the magic number");
    unlink(file);
    problem = NULL;
    eb_words_t *words;
    ok(eb_words_load(&words, file, &problem, pool) != APR_SUCCESS && problem, "not there");
    problem = NULL;
    ok(eb_words_load(&words, "/", &problem, pool) != APR_SUCCESS && problem, "no file");
}

int main(void)
{
    apr_pool_t *pool = tap_begin();
    file = apr_psprintf(pool, "/tmp/eb-words-%ld.mo", (long)getpid());
    test_read(false, pool);
    test_read(true, pool);
    test_headers(pool);
    test_damaged(pool);
    return done();
}
