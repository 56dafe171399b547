/* What an administrator wrote ends up in the header of every message, and is checked there against
 * DIN 91379: „Stadt“ in typographic quotation marks would make each submission fail. */
#include "message.h"

#include "base/utf8.h"
#include "form/din91379.h"

#include <string.h>

#define TEXT_MAX 500 /* characters; as in schemas/message/kopf.xsd */

static apr_status_t check_text(const char *what, const char *of, const char *text, bool required,
                               eb_problem_t **problem, apr_pool_t *pool)
{
    int len = 0;

    if (!text && !required)
        return APR_SUCCESS;
    if (!text || !*text)
        return eb_problem_set(problem, EB_P_MESSAGE_HEADER, APR_EINVAL, NULL, pool,
                              "The %s of the %s is missing", what, of);
    if (!eb_utf8_valid(text, strlen(text)) || strpbrk(text, "\t\r\n"))
        return eb_problem_set(problem, EB_P_MESSAGE_HEADER, APR_EINVAL, NULL, pool,
                              "The %s of the %s is not one line of UTF-8", what, of);
    const char *offender = eb_din_offender(text, EB_DIN_C, &len);
    if (offender)
        return eb_problem_set(problem, EB_P_MESSAGE_HEADER, APR_EINVAL, NULL, pool,
                              "The %s of the %s, \"%s\", holds \"%.*s\", which no message may",
                              what, of, text, len, offender);
    if (eb_utf8_length(text) > TEXT_MAX)
        return eb_problem_set(problem, EB_P_MESSAGE_HEADER, APR_EINVAL, NULL, pool,
                              "The %s of the %s is longer than %d characters", what, of, TEXT_MAX);
    return APR_SUCCESS;
}

static apr_status_t check_party(const char *of, const eb_party_t *party, eb_problem_t **problem,
                                apr_pool_t *pool)
{
    apr_status_t rv = check_text("directory", of, party->directory, true, problem, pool);

    if (rv == APR_SUCCESS)
        rv = check_text("id", of, party->id, true, problem, pool);
    if (rv == APR_SUCCESS)
        rv = check_text("name", of, party->name, true, problem, pool);
    if (rv == APR_SUCCESS)
        rv = check_text("mail address", of, party->mail, false, problem, pool);
    if (rv == APR_SUCCESS)
        rv = check_text("telephone number", of, party->phone, false, problem, pool);
    return rv;
}

apr_status_t eb_header_check(const eb_header_t *header, eb_problem_t **problem, apr_pool_t *pool)
{
    const char *ags = header->ags ? header->ags : "";
    apr_size_t len = strlen(ags);

    if ((len != 8 && len != 12) || strspn(ags, "0123456789") != len)
        return eb_problem_set(problem, EB_P_MESSAGE_HEADER, APR_EINVAL, NULL, pool,
                              "The key of the authority, \"%s\", is neither an AGS of 8 nor an ARS "
                              "of 12 digits",
                              ags);
    apr_status_t rv = check_party("reader", &header->reader, problem, pool);
    return rv == APR_SUCCESS ? check_party("author", &header->author, problem, pool) : rv;
}
