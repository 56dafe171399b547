/* Reading a .mo file: a table of originals, a table of translations, each entry a length and an
 * offset into the file (GNU gettext manual, "The Format of GNU MO Files"). Nothing in it is
 * trusted: a file that is cut short or points outside of itself is refused. */
#include "words_parts.h"

#include <apr_file_io.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC     0x950412deu
#define HEAD      20
#define BYTES_MAX (8 * 1024 * 1024)

typedef struct file_t {
    const char *name;
    const unsigned char *bytes;
    apr_size_t len;
    bool swapped; /* written on a machine with the other byte order */
} file_t;

static apr_uint32_t number(const file_t *f, apr_size_t at)
{
    const unsigned char *b = f->bytes + at;
    return f->swapped ? (apr_uint32_t)b[0] << 24 | (apr_uint32_t)b[1] << 16 |
                            (apr_uint32_t)b[2] << 8 | b[3]
                      : (apr_uint32_t)b[3] << 24 | (apr_uint32_t)b[2] << 16 |
                            (apr_uint32_t)b[1] << 8 | b[0];
}

/* Entry `i` of the table at `table`; NULL unless it lies within the file and ends with a NUL. */
static const char *text(const file_t *f, apr_size_t table, apr_uint32_t i)
{
    apr_size_t len = number(f, table + 8 * (apr_size_t)i);
    apr_size_t at = number(f, table + 8 * (apr_size_t)i + 4);
    if (at >= f->len || len >= f->len - at || f->bytes[at + len] != '\0')
        return NULL;
    return (const char *)f->bytes + at;
}

static apr_status_t broken(const file_t *f, eb_problem_t **problem, apr_pool_t *pool,
                           const char *what)
{
    return eb_problem_set(problem, EB_P_WORDS, APR_EINVAL, f->name, pool, "%s", what);
}

static apr_status_t read_bytes(file_t *f, eb_problem_t **problem, apr_pool_t *pool)
{
    apr_file_t *file;
    apr_finfo_t info = {0};
    char why[120];
    apr_status_t rv = apr_file_open(&file, f->name, APR_READ | APR_BINARY, APR_OS_DEFAULT, pool);
    if (rv == APR_SUCCESS)
        rv = apr_file_info_get(&info, APR_FINFO_SIZE | APR_FINFO_TYPE, file);
    if (rv == APR_SUCCESS && (info.filetype != APR_REG || info.size > BYTES_MAX))
        rv = APR_EINVAL;
    if (rv == APR_SUCCESS) {
        unsigned char *bytes = apr_palloc(pool, (apr_size_t)info.size + 1);
        rv = apr_file_read_full(file, bytes, (apr_size_t)info.size, &f->len);
        f->bytes = bytes;
        apr_file_close(file);
    }
    if (rv != APR_SUCCESS)
        return eb_problem_set(problem, EB_P_WORDS, rv, f->name, pool,
                              "The catalogue cannot be read: %s",
                              apr_strerror(rv, why, sizeof(why)));
    return APR_SUCCESS;
}

static apr_status_t read_texts(eb_words_t *words, const file_t *f, eb_problem_t **problem,
                               apr_pool_t *pool)
{
    apr_uint32_t count = number(f, 8);
    apr_size_t from = number(f, 12), to = number(f, 16), room = 8 * (apr_size_t)count;
    if (count > f->len / 16 || from > f->len - room || to > f->len - room)
        return broken(f, problem, pool, "The catalogue's tables lie outside of the file");
    eb_said_t *said = apr_pcalloc(pool, count * sizeof(*said));
    for (apr_uint32_t i = 0; i < count; i++) {
        const char *german = text(f, from, i), *translated = text(f, to, i);
        if (!german || !translated)
            return broken(f, problem, pool, "A text of the catalogue lies outside of the file");
        said[i].text = translated;
        if (*translated)
            apr_hash_set(words->texts, german, APR_HASH_KEY_STRING, &said[i]);
    }
    return APR_SUCCESS;
}

/* A text with forms has as many as the header says: whoever looks for the last one must find it. */
static apr_status_t read_forms(eb_words_t *words, const file_t *f, eb_problem_t **problem,
                               apr_pool_t *pool)
{
    apr_size_t from = number(f, 12), to = number(f, 16);
    for (apr_uint32_t i = 0; i < number(f, 8); i++) {
        const char *forms = text(f, to, i);
        apr_size_t len = number(f, to + 8 * (apr_size_t)i);
        int count = 1;
        if (strlen(text(f, from, i)) == number(f, from + 8 * (apr_size_t)i) || len == 0)
            continue;
        for (apr_size_t at = 0; at < len; at++)
            count += forms[at] == '\0';
        if (count != eb_plural_forms(words->plural))
            return broken(f, problem, pool, "A text of the catalogue has not all of its forms");
        apr_hash_set(words->forms, text(f, from, i), APR_HASH_KEY_STRING, forms);
    }
    return APR_SUCCESS;
}

/* A line of the header, which is the translation of nothing. */
static const char *header(const eb_words_t *words, const char *name, apr_pool_t *pool)
{
    const eb_said_t *all = apr_hash_get(words->texts, "", APR_HASH_KEY_STRING);
    const char *line = all ? all->text : NULL;
    apr_size_t len = strlen(name);
    while (line && strncmp(line, name, len) != 0) {
        line = strchr(line, '\n');
        line = line ? line + 1 : NULL;
    }
    return line ? apr_pstrndup(pool, line + len, strcspn(line + len, "\n")) : "";
}

static apr_status_t read_header(eb_words_t *words, const file_t *f, eb_problem_t **problem,
                                apr_pool_t *pool)
{
    words->language = header(words, "Language: ", pool);
    words->name = header(words, "X-Language-Name: ", pool);
    words->rtl = strcmp(header(words, "X-Direction: ", pool), "rtl") == 0;
    words->plural = eb_plural_parse(header(words, "Plural-Forms: ", pool), pool);
    if (!*words->language || strlen(words->language) > EB_LANGUAGE_MAX ||
        words->language[strspn(words->language, "abcdefghijklmnopqrstuvwxyz0123456789-")])
        return broken(f, problem, pool,
                      "The header of the catalogue needs a Language such as \"tr\"");
    if (!strstr(header(words, "Content-Type: ", pool), "UTF-8"))
        return broken(f, problem, pool, "The catalogue is not in UTF-8");
    if (!words->plural)
        return broken(f, problem, pool, "The header of the catalogue has no usable Plural-Forms");
    if (!*words->name)
        words->name = words->language;
    return APR_SUCCESS;
}

/* The build has counted them, since nobody knows them all while httpd starts. */
static int counted(const eb_words_t *words, const char *name)
{
    const char *number = eb_say_named(words, "said", name);
    return number ? atoi(number) : 0;
}

apr_status_t eb_words_load(eb_words_t **words, const char *file, eb_problem_t **problem,
                           apr_pool_t *pool)
{
    file_t f = {.name = file};
    eb_words_t *fresh = apr_pcalloc(pool, sizeof(*fresh));
    fresh->texts = apr_hash_make(pool);
    fresh->forms = apr_hash_make(pool);
    fresh->lost = apr_hash_make(pool);
    apr_status_t rv = read_bytes(&f, problem, pool);
    if (rv != APR_SUCCESS)
        return rv;
    if (f.len >= HEAD)
        f.swapped = number(&f, 0) != MAGIC;
    if (f.len < HEAD || number(&f, 0) != MAGIC)
        return broken(&f, problem, pool, "The file is no catalogue of gettext");
    rv = read_texts(fresh, &f, problem, pool);
    if (rv == APR_SUCCESS)
        rv = read_header(fresh, &f, problem, pool);
    if (rv == APR_SUCCESS)
        rv = read_forms(fresh, &f, problem, pool);
    fresh->said = counted(fresh, "texts");
    fresh->unsaid = counted(fresh, "missing");
    if (rv == APR_SUCCESS)
        *words = fresh;
    return rv;
}
