/* What happens between "Antrag absenden" and the receipt, in the only order that keeps the promise:
 * everything that can fail for the application's own sake (its message) comes before the one step
 * that accepts it, and nothing that matters comes after. */
#include "submission.h"
#include "package.h"
#include "base/buf.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <libxml/xmlreader.h>
#include <limits.h>
#include <string.h>

/* The namespace of the message's root element. */
static const char *namespace_of(const char *xml, apr_size_t len, apr_pool_t *pool)
{
    xmlTextReaderPtr reader =
        len <= INT_MAX ? xmlReaderForMemory(xml, (int)len, NULL, NULL, XML_PARSE_NONET) : NULL;
    const char *uri = NULL;

    while (reader && xmlTextReaderRead(reader) == 1) {
        if (xmlTextReaderNodeType(reader) != XML_READER_TYPE_ELEMENT)
            continue;
        uri = apr_pstrdup(pool, (const char *)xmlTextReaderConstNamespaceUri(reader));
        break;
    }
    xmlFreeTextReader(reader);
    return uri ? uri : "";
}

static eb_job_t job_of(const eb_acceptance_t *a, const char *uuid)
{
    eb_job_t job = {.authority = a->authority, .transport = a->transport};
    apr_cpystrn(job.uuid, uuid, sizeof job.uuid);
    return job;
}

/* Freezes message and names into the bytes of a package. */
static void freeze(eb_buf_t *out, const eb_acceptance_t *a, const eb_header_t *header,
                   const char *xml, apr_size_t len, apr_pool_t *pool)
{
    const eb_package_t package = {
        .uuid = header->uuid,
        .number = header->number,
        .authority = a->authority,
        .schema = namespace_of(xml, len, pool),
        .message = xml,
        .message_len = len,
    };
    eb_buf_init(out, len + 512, pool);
    eb_package_write(out, &package);
}

/* A line with the hash of what was accepted. The application is durable by now, so a journal that
 * cannot be written is a problem, and no failure. */
static void note(const eb_acceptance_t *a, eb_job_t *job, const char *xml, apr_size_t len,
                 eb_problem_t **problem, apr_pool_t *pool)
{
    unsigned char hash[32];
    char text[EB_BASE64URL_LEN(sizeof hash) + 1];

    eb_sha256(hash, a->box->keys, xml, len);
    eb_base64url(text, hash, sizeof hash);
    eb_journal_write(a->box, job, "accepted", apr_pstrcat(pool, "sha256:", text, NULL), problem,
                     pool);
}

/* APR_EINVAL is kept for messages that are not valid. */
static apr_status_t not_taken(apr_status_t rv)
{
    return rv == APR_EINVAL || rv == APR_NOTFOUND ? APR_EGENERAL : rv;
}

apr_status_t eb_submission_accept(apr_time_t *accepted, const eb_acceptance_t *a,
                                  const eb_header_t *header, const eb_context_t *c,
                                  eb_problem_t **problem, apr_pool_t *pool)
{
    const char *xml;
    apr_size_t len;
    eb_buf_t package;

    apr_status_t rv = eb_submission_find(accepted, a, header->uuid, problem, pool);
    if (rv != APR_NOTFOUND)
        return not_taken(rv);
    rv = eb_message_build(&xml, &len, a->profile, header, c, problem, pool);
    if (rv)
        return rv;
    freeze(&package, a, header, xml, len, pool);
    eb_job_t job = job_of(a, header->uuid);
    apr_cpystrn(job.number, header->number, sizeof job.number);
    job.accepted = header->created;
    rv = a->box->engine->put(a->box, &job, package.data, package.len, problem, pool);
    if (rv && rv != APR_EEXIST)
        return not_taken(rv);
    *accepted = job.accepted;
    if (!rv)
        note(a, &job, xml, len, problem, pool);
    return APR_SUCCESS;
}

apr_status_t eb_submission_find(apr_time_t *accepted, const eb_acceptance_t *a, const char *uuid,
                                eb_problem_t **problem, apr_pool_t *pool)
{
    eb_job_t *job;
    apr_status_t rv = a->box->engine->find(&job, a->box, a->authority, uuid, problem, pool);

    if (rv)
        return rv;
    *accepted = job->accepted;
    return APR_SUCCESS;
}
