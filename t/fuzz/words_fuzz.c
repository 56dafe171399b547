/* Catalogues: whatever is accepted can be asked for anything, and every form that a number takes is
 * there. */
#include "base/plural.h"
#include "base/words.h"
#include "fuzz.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <sys/mman.h>
#include <unistd.h>

static void ask(eb_words_t *words, apr_pool_t *pool)
{
    int taken, missing;
    for (int n = 0; n < 12; n++)
        must(eb_say_count(words, pool, "{count} Kind", "{count} Kinder", n));
    must(eb_say_forms(words, pool, "{count} Kind", "{count} Kinder"));
    must(eb_say_figure(words, "-1234567.5", pool));
    must(eb_say_date(words, (eb_date_t){1990, 3, 24}, pool));
    must(*eb_words_language(words) && *eb_words_name(words));
    eb_words_take(words, "Weiter");
    eb_words_counts(words, &taken, &missing);
    must(taken == 1 && missing <= 1);
}

static void parse(const char *text, apr_pool_t *pool)
{
    eb_plural_t *plural = eb_plural_parse(text, pool);
    for (unsigned long n = 0; plural && n < 1000; n += 7) {
        int form = eb_plural_form(plural, n);
        must(form >= 0 && form < eb_plural_forms(plural));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *pool = fuzz_begin();
    eb_words_t *words = NULL;
    eb_problem_t *problem = NULL;
    char *text = fuzz_text(data, size);
    int fd = memfd_create("words", 0);

    must(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    apr_status_t rv =
        eb_words_load(&words, apr_psprintf(pool, "/proc/self/fd/%d", fd), &problem, pool);
    must((rv == APR_SUCCESS) == (words != NULL) && (rv == APR_SUCCESS) == (problem == NULL));
    if (words)
        ask(words, pool);
    parse(text, pool);
    close(fd);
    free(text);
    apr_pool_destroy(pool);
    return 0;
}
