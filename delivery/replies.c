/* The names. An answer about an application is called by the application's number and its place
 * among the answers, so that they are found without an index; whoever wants to keep one goes from
 * place to place until it is there already, or the place is free. When two come at once for the
 * same place, the outbox lets one in, and the other goes on to the next. */
#include "replies.h"
#include "cases.h"
#include "replies_parts.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <string.h>

enum { PLACES = 200 }; /* answers about one application */

const char *eb_replies_part(const char *authority, apr_pool_t *pool)
{
    return apr_pstrcat(pool, authority, EB_REPLIES_SUFFIX, NULL);
}

static void name(char uuid[EB_UUID_LEN + 1], const eb_outbox_t *box, const char *what)
{
    unsigned char hash[32];

    eb_sha256(hash, box->keys, what, strlen(what));
    eb_uuid_from(uuid, hash);
}

static void name_place(char uuid[EB_UUID_LEN + 1], const eb_outbox_t *box, const char *number,
                       int place, apr_pool_t *pool)
{
    name(uuid, box, apr_psprintf(pool, "mod_einbuergerung reply\n%s\n%d", number, place));
}

/* --- keeping --- */

/* What is kept, and where. */
typedef struct keep_t {
    const eb_replies_office_t *office;
    const eb_replies_desk_t *desk;
    const eb_mail_t *mail;
    eb_case_t about; /* number "": of none that we know */
    const char *remote;
    eb_problem_t **problem;
    apr_pool_t *pool;
} keep_t;

static void journal(const keep_t *k, const eb_job_t *job)
{
    eb_job_t about = {
        .authority = k->desk->authority, .transport = "xta", .changed = k->office->now};
    const char *detail = apr_pstrcat(k->pool, "message=", k->mail->id, NULL);

    eb_journal_write(k->desk->box, job, "accepted", detail, NULL, k->pool);
    if (!*k->about.number)
        return;
    memcpy(about.uuid, k->about.uuid, sizeof about.uuid);
    memcpy(about.number, k->about.number, sizeof about.number);
    eb_journal_write(k->desk->box, &about, "answered",
                     apr_pstrcat(k->pool, "reply=", job->uuid, " ", detail, NULL), NULL, k->pool);
}

/* APR_EEXIST: there is one of that name, and *job is it. */
static apr_status_t put(const keep_t *k, eb_job_t *job)
{
    eb_package_flow_t flow;
    eb_package_t package;
    eb_outbox_t *box = k->desk->box;
    apr_status_t rv =
        eb_replies_pack(&package, job, k->desk->authority, k->mail, k->problem, k->pool);

    if (rv)
        return rv;
    eb_package_flow(&flow, &package);
    rv = box->engine->put(box, job, &flow.source, k->problem, k->pool);
    if (!rv)
        journal(k, job);
    return rv;
}

/* Under one name. APR_EEXIST: another message has it. */
static apr_status_t keep_as(const keep_t *k, const char *uuid)
{
    eb_job_t fresh = {.authority = k->desk->part,
                      .transport = EB_REPLIES_TRANSPORT,
                      .accepted = k->office->now,
                      .remote = k->remote},
             *job = &fresh;
    eb_outbox_t *box = k->desk->box;

    memcpy(fresh.uuid, uuid, sizeof fresh.uuid);
    memcpy(fresh.number, k->about.number, sizeof fresh.number);
    apr_status_t rv = box->engine->find(&job, box, k->desk->part, uuid, k->problem, k->pool);
    if (rv == APR_NOTFOUND) {
        job = &fresh;
        rv = put(k, job);
        if (rv != APR_EEXIST)
            return rv;
    }
    if (rv && rv != APR_EEXIST)
        return rv;
    return eb_replies_is(job->remote, k->mail->id, k->pool) ? APR_SUCCESS : APR_EEXIST;
}

static apr_status_t keep(const keep_t *k)
{
    char uuid[EB_UUID_LEN + 1];
    apr_status_t rv = APR_EEXIST;

    if (!*k->about.number) {
        name(uuid, k->desk->box,
             apr_pstrcat(k->pool, "mod_einbuergerung reply\n\n", k->mail->id, NULL));
        return keep_as(k, uuid);
    }
    for (int i = 0; rv == APR_EEXIST && i < PLACES; i++) {
        name_place(uuid, k->desk->box, k->about.number, i, k->pool);
        rv = keep_as(k, uuid);
    }
    return rv;
}

/* The desk whose authority signs, and the application; the first desk when there is none. */
static apr_status_t address(keep_t *k)
{
    apr_status_t rv = APR_NOTFOUND;

    for (int i = 0; rv == APR_NOTFOUND && i < k->office->count; i++) {
        const eb_replies_desk_t *desk = &k->office->desks[i];
        if (strcmp(desk->author, k->mail->author) != 0 || (k->mail->test && !desk->test))
            continue;
        k->desk = desk;
        rv = eb_case_find(&k->about, desk->box, desk->authority, k->mail->process,
                          k->mail->in_reply_to, k->problem, k->pool);
    }
    if (rv == APR_NOTFOUND)
        memset(&k->about, 0, sizeof k->about);
    return rv;
}

apr_status_t eb_replies_take(void *office, const eb_mail_t *mail, eb_problem_t **problem,
                             apr_pool_t *pool)
{
    keep_t k = {.office = office, .mail = mail, .problem = problem, .pool = pool};

    k.desk = k.office->desks;
    k.remote = eb_replies_memory(mail->id, NULL, pool);
    apr_status_t rv = address(&k);
    if (rv == APR_NOTFOUND && k.office->leave)
        return rv;
    return rv && rv != APR_NOTFOUND ? rv : keep(&k);
}

/* --- looking --- */

/* Whether its kind is known and may be told; a refusal is the operator's matter. */
static bool tells(eb_reply_t *reply, const eb_job_t *job, apr_pool_t *pool)
{
    if (!eb_replies_kind(&reply->kind, job->remote, pool) || reply->kind == EB_REPLY_REFUSAL)
        return false;
    reply->at = job->accepted;
    return true;
}

apr_status_t eb_replies_about(apr_array_header_t **replies, eb_outbox_t *box, const char *authority,
                              const char *number, eb_problem_t **problem, apr_pool_t *pool)
{
    const char *part = eb_replies_part(authority, pool);
    apr_status_t rv = APR_SUCCESS;
    char uuid[EB_UUID_LEN + 1];
    eb_reply_t reply;
    eb_job_t *job;

    *replies = apr_array_make(pool, 2, sizeof(eb_reply_t));
    for (int i = 0; !rv && i < PLACES; i++) {
        name_place(uuid, box, number, i, pool);
        rv = box->engine->find(&job, box, part, uuid, problem, pool);
        if (!rv && tells(&reply, job, pool))
            APR_ARRAY_PUSH(*replies, eb_reply_t) = reply;
    }
    return rv == APR_NOTFOUND ? APR_SUCCESS : rv;
}
