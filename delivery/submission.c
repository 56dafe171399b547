/* What happens between "Antrag absenden" and the receipt, in the only order that keeps the promise:
 * everything that can fail for the application's own sake (its message) comes before the one step
 * that accepts it, and nothing that matters comes after.
 *
 * Documents are poured twice, since the message names their digests and goes before them. The first
 * time proves that they can be read in full, before anything is written. The second time goes
 * straight into the outbox, which forgets what it has of a package that breaks off. */
#include "submission.h"
#include "base/seal.h"
#include "digest.h"
#include "package.h"

#include <apr_errno.h>
#include <apr_hash.h>
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

static int count_of(const apr_array_header_t *enclosures)
{
    return enclosures ? enclosures->nelts : 0;
}

static eb_attachment_t *attachments_of(const apr_array_header_t *enclosures, apr_pool_t *pool)
{
    int count = count_of(enclosures);
    eb_attachment_t *list = apr_pcalloc(pool, (apr_size_t)count * sizeof *list + 1);

    for (int i = 0; i < count; i++) {
        const eb_enclosure_t *e = &APR_ARRAY_IDX(enclosures, i, eb_enclosure_t);
        list[i] = (eb_attachment_t){.name = e->name,
                                    .type = e->type,
                                    .purpose = e->purpose,
                                    .size = e->size,
                                    .source = e->source};
    }
    return list;
}

/* Says of which document the problem is. */
static apr_status_t incomplete(const apr_array_header_t *enclosures, int i, apr_status_t rv,
                               eb_problem_t **problem, apr_pool_t *pool)
{
    const eb_problem_t *cause = *problem;

    APR_ARRAY_IDX(enclosures, i, eb_enclosure_t).status = rv;
    return eb_problem_set(problem, cause->number, APR_INCOMPLETE, cause->where, pool,
                          "Document %d of %d: %s", i + 1, enclosures->nelts, cause->what);
}

/* The first pass: digests, by id and in `list`. */
static apr_status_t digest_all(apr_hash_t **sha512, eb_attachment_t *list,
                               const apr_array_header_t *enclosures, eb_problem_t **problem,
                               apr_pool_t *pool)
{
    bool own;

    *sha512 = apr_hash_make(pool);
    for (int i = 0; i < count_of(enclosures); i++) {
        apr_status_t rv = eb_attachment_digest(&list[i], &own, problem, pool);
        if (rv)
            return own ? incomplete(enclosures, i, rv, problem, pool) : rv;
        apr_hash_set(*sha512, APR_ARRAY_IDX(enclosures, i, eb_enclosure_t).id, APR_HASH_KEY_STRING,
                     list[i].sha512);
    }
    return APR_SUCCESS;
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

/* APR_EINVAL is kept for messages that are not valid, APR_INCOMPLETE for documents. */
static apr_status_t not_taken(apr_status_t rv)
{
    return rv == APR_EINVAL || rv == APR_NOTFOUND || rv == APR_INCOMPLETE ? APR_EGENERAL : rv;
}

/* The second pass: freezes message and documents, and hands them over. */
static apr_status_t hand_over(eb_job_t *job, const eb_acceptance_t *a, const eb_package_t *package,
                              const apr_array_header_t *enclosures, eb_problem_t **problem,
                              apr_pool_t *pool)
{
    eb_package_flow_t flow;

    eb_package_flow(&flow, package);
    apr_status_t rv = a->box->engine->put(a->box, job, &flow.source, problem, pool);
    if (rv && flow.failed >= 0)
        return incomplete(enclosures, flow.failed, rv, problem, pool);
    return rv == APR_EEXIST ? rv : not_taken(rv);
}

/* A package that is whole but for its message and its secret. */
static eb_package_t package_of(const eb_acceptance_t *a, const eb_header_t *header,
                               const eb_attachment_t *list, int count)
{
    return (eb_package_t){.uuid = header->uuid,
                          .number = header->number,
                          .authority = a->authority,
                          .attachments = list,
                          .attachments_count = count};
}

/* The message, with the documents' digests; nothing is written yet. */
static apr_status_t build(eb_package_t *package, const eb_acceptance_t *a,
                          const eb_header_t *header, const eb_context_t *c, apr_hash_t *sha512,
                          eb_problem_t **problem, apr_pool_t *pool)
{
    eb_header_t full = *header;

    full.sha512 = sha512;
    apr_status_t rv = eb_random(package->secret, sizeof package->secret);
    if (rv)
        return eb_problem_set(problem, EB_P_CRYPTO, rv, NULL, pool, "No random bytes for case %s",
                              header->number);
    rv = eb_message_build(&package->message, &package->message_len, a->profile, &full, c, problem,
                          pool);
    if (!rv)
        package->schema = namespace_of(package->message, package->message_len, pool);
    return rv;
}

apr_status_t eb_submission_accept(apr_time_t *accepted, const eb_acceptance_t *a,
                                  const eb_header_t *header, const eb_context_t *c,
                                  const apr_array_header_t *enclosures, eb_problem_t **problem,
                                  apr_pool_t *pool)
{
    eb_attachment_t *list = attachments_of(enclosures, pool);
    eb_package_t package = package_of(a, header, list, count_of(enclosures));
    eb_job_t job = job_of(a, header->uuid);
    eb_problem_t *cause = NULL;
    apr_hash_t *sha512;

    problem = problem ? problem : &cause;
    apr_status_t rv = eb_submission_find(accepted, a, header->uuid, problem, pool);
    if (rv != APR_NOTFOUND)
        return not_taken(rv);
    rv = eb_attachments_safe(list, package.attachments_count, problem, pool);
    if (!rv)
        rv = digest_all(&sha512, list, enclosures, problem, pool);
    if (rv)
        return rv == APR_INCOMPLETE ? rv : not_taken(rv);
    rv = build(&package, a, header, c, sha512, problem, pool);
    if (rv)
        return rv;
    apr_cpystrn(job.number, header->number, sizeof job.number);
    job.accepted = header->created;
    rv = hand_over(&job, a, &package, enclosures, problem, pool);
    if (rv && rv != APR_EEXIST)
        return rv;
    *accepted = job.accepted;
    if (!rv && a->message) {
        *a->message = package.message;
        *a->message_len = package.message_len;
    }
    if (!rv)
        note(a, &job, package.message, package.message_len, problem, pool);
    return APR_SUCCESS;
}

apr_status_t eb_submission_message(const char **xml, apr_size_t *len, const eb_acceptance_t *a,
                                   const eb_header_t *header, const eb_context_t *c,
                                   const apr_array_header_t *enclosures, eb_problem_t **problem,
                                   apr_pool_t *pool)
{
    eb_header_t full = *header;
    eb_problem_t *cause = NULL;

    problem = problem ? problem : &cause;
    apr_status_t rv =
        digest_all(&full.sha512, attachments_of(enclosures, pool), enclosures, problem, pool);
    return rv ? rv : eb_message_build(xml, len, a->profile, &full, c, problem, pool);
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
