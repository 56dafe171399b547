/* Files as an answer, and their names: what is taken says the same when written again; every name
 * ends as one that can be shown, and passes a second time unchanged. */
#include "form/files.h"
#include "form/din91379.h"
#include "base/utf8.h"
#include "fuzz.h"

#include <apr_errno.h>

static void check_value(const char *text, apr_pool_t *pool)
{
    eb_files_t files;
    const char *shown, *why = NULL, *value = NULL;
    const eb_facets_t none = {0};
    const eb_type_t *type = eb_type_find("eb:files");
    bool good = eb_files_parse(&files, text, pool) == APR_SUCCESS;
    must((type->parse(&value, &why, type, &none, text, pool) == APR_SUCCESS) == good);
    shown = type->show(type, &none, text, pool);
    must(good ? strcmp(shown, text) != 0 : shown == text);
    if (!good) {
        must(files.count == 0 && !files.later && why);
        return;
    }
    must(files.count <= EB_FILES_MAX && (files.count || files.later) && value == text);
    must(strcmp(eb_files_text(&files, pool), text) == 0);
}

static void check_name(const char *text, apr_pool_t *pool)
{
    int len;
    const char *name = eb_file_name(text, pool);
    must(*name && *name != '.' && *name != ' ' && !strpbrk(name, "/\\\r\n\t"));
    must(eb_utf8_valid(name, strlen(name)) && eb_utf8_length(name) <= EB_FILE_NAME_MAX);
    must(!eb_din_offender(name, EB_DIN_C, &len));
    must(strcmp(eb_file_name(name, pool), name) == 0);
}

/* Whatever the name, a file with it can be kept. */
static void check_kept(const char *text, apr_pool_t *pool)
{
    eb_file_t file = {"AAAAAAAAAAAAAAAAAAAAAA", eb_file_name(text, pool), "image/png", strlen(text),
                      EB_FILE_CLEAN};
    eb_files_t files = {false, &file, 1}, again;
    must(eb_files_parse(&again, eb_files_text(&files, pool), pool) == APR_SUCCESS);
    must(again.count == 1 && strcmp(again.list->name, file.name) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *pool = fuzz_begin();
    char *text = fuzz_text(data, size);
    check_value(text, pool);
    check_name(text, pool);
    check_kept(text, pool);
    free(text);
    apr_pool_destroy(pool);
    return 0;
}
