/* Files as an answer. One line each, with what must be known of a file without opening it; the name
 * comes last, since it alone may have spaces:
 *
 *     value := ["spaeter"] line*       with LF between them
 *     line  := id " " kind " " size " " scan " " name
 *     kind  := "pdf" | "jpg" | "png"   scan := "ok" | "offen" | "ohne"
 *
 * Every answer has exactly one such text, so that two texts differ only when the answers do. */
#include "files.h"

#include "base/seal.h"
#include "type_parts.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <string.h>

#define LATER        "spaeter"
#define SIZE_DIGITS  18
#define ID_BYTES     16
#define LINE_TYPICAL 80

static const struct {
    const char *word, *type;
} kinds[] = {{"pdf", "application/pdf"}, {"jpg", "image/jpeg"}, {"png", "image/png"}};

static const char *const scans[] = {
    [EB_FILE_CLEAN] = "ok", [EB_FILE_PENDING] = "offen", [EB_FILE_UNSCANNED] = "ohne"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool take_id(eb_file_t *file, const char *word)
{
    unsigned char bytes[ID_BYTES];
    file->id = word;
    return strlen(word) == EB_FILE_ID_LEN &&
           eb_base64url_decode(bytes, sizeof bytes, word, EB_FILE_ID_LEN) == APR_SUCCESS;
}

static bool take_kind(eb_file_t *file, const char *word)
{
    for (size_t i = 0; i < COUNT(kinds); i++)
        if (strcmp(kinds[i].word, word) == 0)
            file->type = kinds[i].type;
    return file->type != NULL;
}

static bool take_size(eb_file_t *file, const char *word)
{
    apr_size_t digits = strspn(word, "0123456789");
    if (digits == 0 || digits > SIZE_DIGITS || word[digits] || (*word == '0' && digits > 1))
        return false;
    file->size = (apr_uint64_t)apr_atoi64(word);
    return true;
}

static bool take_scan(eb_file_t *file, const char *word)
{
    for (size_t i = 0; i < COUNT(scans); i++) {
        if (strcmp(scans[i], word) != 0)
            continue;
        file->scan = (eb_file_scan_t)i;
        return true;
    }
    return false;
}

/* Cuts `line` into its words. */
static bool take_line(eb_file_t *file, char *line, apr_pool_t *pool)
{
    enum { ID, KIND, SIZE, SCAN, WORDS };
    const char *words[WORDS];
    *file = (eb_file_t){0};
    for (int i = 0; i < WORDS; i++) {
        words[i] = line;
        line = strchr(line, ' ');
        if (!line)
            return false;
        *line++ = '\0';
    }
    file->name = line;
    return take_id(file, words[ID]) && take_kind(file, words[KIND]) &&
           take_size(file, words[SIZE]) && take_scan(file, words[SCAN]) &&
           strcmp(eb_file_name(line, pool), line) == 0;
}

static bool is_new(const eb_files_t *files, const char *id)
{
    for (int i = 0; i < files->count; i++)
        if (strcmp(files->list[i].id, id) == 0)
            return false;
    return true;
}

static bool take_lines(eb_files_t *files, char *line, apr_pool_t *pool)
{
    for (char *next, *first = line; line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        if (line == first && strcmp(line, LATER) == 0) {
            files->later = true;
            continue;
        }
        eb_file_t *file = &files->list[files->count];
        if (files->count == EB_FILES_MAX || !take_line(file, line, pool) ||
            !is_new(files, file->id))
            return false;
        files->count++;
    }
    return true;
}

static int lines_of(const char *value)
{
    int lines = 1;
    while ((value = strchr(value, '\n'))) {
        lines++;
        value++;
    }
    return lines;
}

apr_status_t eb_files_parse(eb_files_t *files, const char *value, apr_pool_t *pool)
{
    *files = (eb_files_t){0};
    if (!value)
        return APR_SUCCESS;
    int lines = lines_of(value);
    if (lines > EB_FILES_MAX + 1)
        return APR_EINVAL;
    files->list = apr_palloc(pool, (apr_size_t)lines * sizeof *files->list);
    if (take_lines(files, apr_pstrdup(pool, value), pool))
        return APR_SUCCESS;
    *files = (eb_files_t){0};
    return APR_EINVAL;
}

const char *eb_file_ending(const eb_file_t *file)
{
    for (size_t i = 0; i < COUNT(kinds); i++)
        if (strcmp(kinds[i].type, file->type) == 0)
            return kinds[i].word;
    return "";
}

const char *eb_files_text(const eb_files_t *files, apr_pool_t *pool)
{
    eb_buf_t out;
    if (!files->later && files->count == 0)
        return NULL;
    eb_buf_init(&out, LINE_TYPICAL * (apr_size_t)(files->count + 1), pool);
    if (files->later)
        eb_buf_puts(&out, LATER);
    for (int i = 0; i < files->count; i++) {
        const eb_file_t *file = &files->list[i];
        eb_buf_printf(&out, "%s%s %s %" APR_UINT64_T_FMT " %s %s", out.len ? "\n" : "", file->id,
                      eb_file_ending(file), file->size, scans[file->scan], file->name);
    }
    return eb_buf_cstr(&out);
}

EB_TYPE_PARSE(files)
{
    eb_files_t files;
    (void)type;
    *value = text;
    if (eb_files_parse(&files, text, pool) == APR_SUCCESS)
        return APR_SUCCESS;
    *why = eb_say(facets->words,
                  "Diese Angabe ist nicht möglich. Bitte wählen Sie die Dateien auf der "
                  "Seite mit dem Dokument aus.");
    return APR_EINVAL;
}

EB_TYPE_SHOW(files)
{
    eb_files_t files;
    eb_buf_t out;
    (void)type;
    if (eb_files_parse(&files, value, pool) != APR_SUCCESS)
        return value;
    eb_buf_init(&out, LINE_TYPICAL, pool);
    if (files.count)
        eb_buf_printf(
            &out, "%s: ",
            eb_say_count(facets->words, pool, "{count} Datei", "{count} Dateien", files.count));
    for (int i = 0; i < files.count; i++)
        eb_buf_printf(&out, "%s%s", i ? ", " : "", files.list[i].name);
    if (files.later)
        eb_buf_printf(&out, "%s%s", files.count ? "; " : "",
                      eb_say(facets->words, "wird nachgereicht"));
    return eb_buf_cstr(&out);
}
