/* The library of code lists: looking up lists by URN and version, and codes by binary search. How a
 * list comes out of its file is codelist_load.c's matter. */
#include "codelist_load.h"

#include "base/buf.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

/* A run of digits counts as a number, so that 10 comes after 9; leading zeros do not count. */
static apr_size_t digits(const char **s)
{
    while (**s == '0' && apr_isdigit((*s)[1]))
        ++*s;
    apr_size_t n = 0;
    while (apr_isdigit((*s)[n]))
        n++;
    return n;
}

static int compare_versions(const char *a, const char *b)
{
    while (*a && *b) {
        apr_size_t n = digits(&a), m = digits(&b);
        if (n != m)
            return n < m ? -1 : 1;
        n = n ? n : 1;
        int order = strncmp(a, b, n);
        if (order)
            return order;
        a += n;
        b += n;
    }
    return (*a != '\0') - (*b != '\0');
}

const eb_codelist_t *eb_codelists_find(const eb_codelists_t *lists, const char *urn,
                                       const char *version)
{
    const eb_codelist_t *best = NULL;
    for (int i = 0; lists && i < lists->count; i++) {
        const eb_codelist_t *list = &lists->list[i];
        if (strcmp(list->urn, urn) != 0 || (version && strcmp(list->version, version) != 0))
            continue;
        if (!best || compare_versions(list->version, best->version) > 0)
            best = list;
    }
    return best;
}

const char *eb_codelists_names(const eb_codelists_t *lists, apr_pool_t *pool)
{
    eb_buf_t out;
    eb_buf_init(&out, 256, pool);
    for (int i = 0; lists && i < lists->count; i++)
        eb_buf_printf(&out, "%s%s version %s", i ? ", " : "", lists->list[i].urn,
                      lists->list[i].version);
    return out.len ? eb_buf_cstr(&out) : "none";
}

const eb_code_t *eb_codelist_code(const eb_codelist_t *list, const char *code)
{
    int low = 0, high = list->count - 1;
    while (low <= high) {
        int middle = (low + high) / 2;
        const eb_code_t *found = &list->codes[list->by_code[middle]];
        int order = strcmp(code, found->code);
        if (order == 0)
            return found;
        if (order < 0)
            high = middle - 1;
        else
            low = middle + 1;
    }
    return NULL;
}

static int compare_codes(const void *a, const void *b, void *codes)
{
    const eb_code_t *list = codes;
    return strcmp(list[*(const int *)a].code, list[*(const int *)b].code);
}

bool eb_codelist_index(eb_codelist_t *list, const char **twice, apr_pool_t *pool)
{
    int *by_code = apr_palloc(pool, (apr_size_t)list->count * sizeof(int));
    for (int i = 0; i < list->count; i++)
        by_code[i] = i;
    qsort_r(by_code, (size_t)list->count, sizeof(int), compare_codes, (void *)list->codes);
    list->by_code = by_code;
    for (int i = 1; i < list->count; i++) {
        *twice = list->codes[by_code[i]].code;
        if (strcmp(list->codes[by_code[i - 1]].code, *twice) == 0)
            return false;
    }
    *twice = NULL;
    return true;
}
