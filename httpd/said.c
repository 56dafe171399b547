/* A receiver that is away fails every waiting job, some of them every second: the log hears of it
 * once. It is over when the job that met it last goes on, or when nobody has met it for a while,
 * since that job may be in another child's hands.
 *
 * Memory is bounded by the configuration: one entry for each authority and kind of problem. */
#include "said.h"

#include "status.h"

#define QUIET   apr_time_from_sec(3600)
#define SILENCE apr_time_from_sec(20 * 60) /* tries are a quarter of an hour apart at most */

/* A kind of problem of an authority. */
typedef struct entry_t entry_t;
struct entry_t {
    entry_t *next;
    const char *authority, *id;
    bool stands;
    apr_time_t since, said, met;
    char uuid[EB_UUID_LEN + 1]; /* of the job that met it last */
};

struct eb_said_t {
    server_rec *s;
    apr_pool_t *pool;
    apr_hash_t *by_authority; /* -> the first entry_t */
};

eb_said_t *eb_said_new(server_rec *s, apr_pool_t *pool)
{
    eb_said_t *said = apr_palloc(pool, sizeof(*said));

    *said = (eb_said_t){s, pool, apr_hash_make(pool)};
    return said;
}

static entry_t *entry_of(eb_said_t *said, const char *authority, const char *id)
{
    entry_t *first = apr_hash_get(said->by_authority, authority, APR_HASH_KEY_STRING);
    entry_t *entry;

    for (entry = first; entry != NULL; entry = entry->next)
        if (strcmp(entry->id, id) == 0)
            return entry;
    entry = apr_pcalloc(said->pool, sizeof(*entry));
    entry->next = first;
    entry->authority = apr_pstrdup(said->pool, authority);
    entry->id = apr_pstrdup(said->pool, id);
    apr_hash_set(said->by_authority, entry->authority, APR_HASH_KEY_STRING, entry);
    return entry;
}

void eb_said_problem(eb_said_t *said, const eb_job_t *job, const eb_problem_t *problem,
                     apr_time_t now)
{
    entry_t *entry = entry_of(said, job != NULL ? job->authority : "", problem->id);
    const bool held = job != NULL && job->state == EB_JOB_HELD;

    entry->met = now;
    apr_cpystrn(entry->uuid, job != NULL ? job->uuid : "", sizeof(entry->uuid));
    if (entry->stands && now >= entry->said && now < entry->said + QUIET)
        return;
    if (!entry->stands)
        entry->since = now;
    entry->stands = true;
    entry->said = now;
    eb_log_server(said->s, held ? APLOG_ERR : APLOG_WARNING, problem);
}

static void end(const eb_said_t *said, entry_t *entry, apr_time_t now)
{
    apr_pool_t *scratch;

    entry->stands = false;
    apr_pool_create(&scratch, NULL);
    ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, said->s, "%s is over%s%s, after %s", entry->id,
                 *entry->authority != '\0' ? " for authority " : "", entry->authority,
                 eb_status_duration(now - entry->since, scratch));
    apr_pool_destroy(scratch);
}

void eb_said_over(eb_said_t *said, const eb_job_t *job, apr_time_t now)
{
    entry_t *entry = apr_hash_get(said->by_authority, job->authority, APR_HASH_KEY_STRING);

    for (; entry != NULL; entry = entry->next)
        if (entry->stands && strcmp(entry->uuid, job->uuid) == 0)
            end(said, entry, now);
}

void eb_said_silence(eb_said_t *said, apr_time_t now)
{
    for (apr_hash_index_t *i = apr_hash_first(NULL, said->by_authority); i != NULL;
         i = apr_hash_next(i))
        for (entry_t *entry = apr_hash_this_val(i); entry != NULL; entry = entry->next)
            if (entry->stands && now > entry->met + SILENCE)
                end(said, entry, now);
}
