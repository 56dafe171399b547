/* Typed texts: DIN 91379 finds the first offender and mends without end; every data type takes its
 * own canonical form back unchanged, and whatever it says to people is a text. */
#include "form/din91379.h"
#include "form/type.h"
#include "base/utf8.h"
#include "fuzz.h"

#include <apr_errno.h>
#include <apr_strings.h>

static const char *const type_names[] = {"xs:string",
                                         "xs:normalizedString",
                                         "eb:datatypeA",
                                         "eb:datatypeB",
                                         "eb:datatypeC",
                                         "xs:date",
                                         "eb:partialDate",
                                         "eb:year",
                                         "xs:boolean",
                                         "xs:decimal",
                                         "xs:integer",
                                         "xs:nonNegativeInteger",
                                         "xs:positiveInteger",
                                         "eb:amount",
                                         "eb:email",
                                         "eb:postcode",
                                         "eb:phone"};

static void check_text(const char *text)
{
    must(text && *text && eb_utf8_valid(text, strlen(text)));
}

static void check_din(const char *text, eb_din_t datatype, apr_pool_t *pool)
{
    int len = 0, none;
    const char *at = eb_din_offender(text, datatype, &len);
    if (at) {
        must(at >= text && len > 0 && at + len <= text + strlen(text));
        must(
            !eb_din_offender(apr_pstrmemdup(pool, text, (apr_size_t)(at - text)), datatype, &none));
        check_text(eb_din_explain(at, len, datatype, NULL, pool));
    }
    const char *mended = eb_din_mend(text, datatype, pool);
    must(eb_utf8_valid(mended, strlen(mended)));
    must(eb_din_mend(mended, datatype, pool) == mended);
    must(at || mended == text);
}

static void check_type(const char *name, const char *text, apr_pool_t *pool)
{
    static const eb_facets_t none;
    const eb_type_t *type = eb_type_find(name);
    const char *value = NULL, *again = NULL, *why = NULL;
    if (type->parse(&value, &why, type, &none, text, pool) != APR_SUCCESS) {
        check_text(why);
        return;
    }
    check_text(value);
    must(type->parse(&again, &why, type, &none, value, pool) == APR_SUCCESS);
    must(strcmp(value, again) == 0);
    check_text(type->show(type, &none, value, pool));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *pool = fuzz_begin();
    char *typed = fuzz_text(data, size);
    const char *text;
    if (eb_utf8_valid(typed, strlen(typed)) && eb_utf8_nfc(&text, typed, pool) == APR_SUCCESS) {
        check_din(text, EB_DIN_A, pool);
        check_din(text, EB_DIN_B, pool);
        check_din(text, EB_DIN_C, pool);
        text += strspn(text, " \t\r\n"); /* types are given trimmed texts */
        char *end = apr_pstrdup(pool, text);
        apr_size_t len = strlen(end);
        while (len > 0 && strchr(" \t\r\n", end[len - 1]))
            end[--len] = '\0';
        for (size_t i = 0; len > 0 && i < sizeof(type_names) / sizeof(type_names[0]); i++)
            check_type(type_names[i], end, pool);
    }
    free(typed);
    apr_pool_destroy(pool);
    return 0;
}
