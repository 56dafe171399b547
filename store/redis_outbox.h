/* The inside of the outbox in Redis, for redis_outbox*.c only.
 *
 *   eb:{o:<authority>}:due             sorted set: UUIDs by the time they are due, microseconds
 *   eb:{o:<authority>}:job:<uuid>      hash: `job` how far it has got, `head` of the package,
 *                                      `since` when it was accepted, `bad` a job set aside
 *   eb:{o:<authority>}:package:<uuid>  hash: the sealed pieces "0", "1", … ; never changes
 *   eb:{o:<authority>}:lease:<uuid>    who works on it; expires
 *   eb:{o:<authority>}:done:<uuid>     purged: the record that stays; expires
 *   eb:{o:<authority>}:new:<uuid>:…    a package on its way in; expires
 *   eb:{o:<authority>}:token           counts the leases ever given
 *   eb:{o:<authority>}:count           hash: how many were ever accepted and delivered, and when
 *                                      the last one was
 *   eb:{o:<authority>}:since, :held, :failed   sets of UUIDs for the summary: undelivered by the
 *                                      time of acceptance; held; failing by the time of the failure
 *   eb:{o:<authority>}:journal         stream
 *
 * The part in braces puts all keys of one authority into one slot of a cluster. */
#ifndef EB_REDIS_OUTBOX_H
#define EB_REDIS_OUTBOX_H

#include "operator.h"
#include "outbox.h"
#include "redis_pool.h"
#include "base/chunk.h"

/* --- the scripts: redis_outbox_scripts.c --- */

typedef enum {
    EB_SCRIPT_PUT,
    EB_SCRIPT_TAKE,
    EB_SCRIPT_SAVE,
    EB_SCRIPT_PURGE,
    EB_SCRIPT_REWRAP,
    EB_SCRIPT_PIECE,
    EB_SCRIPT_RELEASE,
    EB_SCRIPT_SUMMARY,
    EB_SCRIPT_COUNT
} eb_script_t;
extern const char *const eb_scripts[EB_SCRIPT_COUNT];

/* --- redis_outbox.c --- */

typedef struct eb_stock_t { /* an outbox's data */
    eb_redis_t *redis;
    int replicas;                  /* that must have what is durable */
    const char *lease_ms, *ack_ms; /* decimal */
    volatile apr_uint64_t honest;  /* when Redis was last found so: generation of the pool << 32 |
                                      seconds; 0: never, or it is not */
    const char *sha[EB_SCRIPT_COUNT]; /* what Redis calls the scripts */
} eb_stock_t;

/* What job->engine points to. */
typedef struct eb_lease_t {
    apr_pool_t *pool;
    eb_outbox_t *box;
    const char *key, *value;
    bool over;   /* purged: nothing is left to release */
    bool frozen; /* the job is of a newer format and must stay as it is */
} eb_lease_t;

/* eb:{o:<authority>}:<kind>, and :<uuid> unless that is NULL */
const char *eb_stock_key(const char *authority, const char *kind, const char *uuid,
                         apr_pool_t *pool);
/* An authority's id, which must not break the braces. */
bool eb_stock_known(const char *authority);

/* A script, with its number of keys; keys and arguments are added by eb_redis_command_word(). */
eb_redis_command_t eb_stock_call(const eb_outbox_t *box, eb_script_t script, const char *keys);
typedef enum {
    EB_RUN_ONCE = 0,
    EB_RUN_AGAIN = 1,   /* repeating it does no harm */
    EB_RUN_LASTING = 2, /* what it wrote, or read, must be on the replicas */
} eb_run_t;
/* One round trip. The reply is no error. With EB_RUN_LASTING and too few replicas: EB_P_REDIS_
 * REPLICAS, APR_EGENERAL, and the reply is there as well. */
apr_status_t eb_stock_run(redisReply **reply, const eb_outbox_t *box, eb_script_t script,
                          eb_redis_command_t *call, int how, eb_problem_t **problem,
                          apr_pool_t *pool);
/* The same for up to three plain commands. */
apr_status_t eb_stock_ask(redisReply **replies, const eb_outbox_t *box,
                          const eb_redis_command_t *commands, int count, int how,
                          eb_problem_t **problem, apr_pool_t *pool);
bool eb_stock_says(const redisReply *reply, const char *word);
/* Some other answer than the scripts have. */
apr_status_t eb_stock_late(const char *uuid, eb_problem_t **problem, apr_pool_t *pool);

/* --- redis_outbox_job.c --- */

/* The job in [job, head, since], whatever it takes. *rv_text tells whether its text was good
 * (APR_SUCCESS), broken (APR_EINVAL) or newer (APR_ENOTIMPL). APR_NOTFOUND: there is none. */
apr_status_t eb_stock_state(eb_job_t **job, apr_status_t *rv_text, const redisReply *fields,
                            const char *authority, const char *uuid, apr_pool_t *pool);
apr_status_t eb_stock_save(eb_outbox_t *box, eb_job_t *job, eb_problem_t **problem,
                           apr_pool_t *pool);
apr_status_t eb_stock_set_aside(eb_outbox_t *box, eb_job_t *job, eb_problem_t **problem,
                                apr_pool_t *pool);
apr_status_t eb_stock_purge(eb_outbox_t *box, eb_job_t *job, eb_problem_t **problem,
                            apr_pool_t *pool);
apr_status_t eb_stock_journal(eb_outbox_t *box, const eb_job_t *job, const char *line,
                              apr_size_t len, eb_problem_t **problem, apr_pool_t *pool);

/* --- redis_outbox_put.c --- */
apr_status_t eb_stock_put(eb_outbox_t *box, eb_job_t *job, eb_source_t *package,
                          eb_problem_t **problem, apr_pool_t *pool);
apr_status_t eb_stock_find(eb_job_t **job, eb_outbox_t *box, const char *authority,
                           const char *uuid, eb_problem_t **problem, apr_pool_t *pool);
/* A package on its way in: under a name of its own, of which nobody knows, and which expires. */
typedef struct eb_stock_new_t {
    eb_outbox_t *box;
    const char *name; /* of the Redis key */
    apr_uint32_t pieces;
    apr_int64_t time; /* Redis' own at the last piece, microseconds */
} eb_stock_new_t;
/* Under the current key, which is bound to the head that comes back. */
apr_status_t eb_stock_new(eb_stock_new_t *new, const eb_chunks_t **key, const char **head,
                          eb_outbox_t *box, const eb_job_t *job, const char *facts,
                          eb_problem_t **problem, apr_pool_t *pool);
/* For eb_sealed_pour(): `where` is the eb_stock_new_t. */
apr_status_t eb_stock_new_piece(void *where, apr_uint32_t index, const void *piece, apr_size_t len,
                                eb_problem_t **problem, apr_pool_t *pool);
void eb_stock_new_abandon(const eb_stock_new_t *new, apr_pool_t *pool);

/* --- redis_outbox_take.c --- */

/* Where an authority's jobs are looked for. */
typedef struct eb_stock_search_t {
    eb_outbox_t *box;
    const char *authority;
    const char *due;       /* the set */
    const char *now, *far; /* decimal: what is due by now, or only after `far` */
    apr_time_t at;
} eb_stock_search_t;
/* A job by its name, and [job, head, since]. APR_EBUSY: not this one, not now. The lease, once
 * there is one, goes with `pool`. */
apr_status_t eb_stock_lease(eb_lease_t **lease, const redisReply **fields,
                            const eb_stock_search_t *s, const char *uuid, eb_problem_t **problem,
                            apr_pool_t *pool);
apr_status_t eb_stock_take(eb_job_t **job, eb_outbox_t *box, const char *authority, apr_time_t now,
                           eb_problem_t **problem, apr_pool_t *pool);
void eb_stock_release(eb_outbox_t *box, eb_job_t *job);

/* --- redis_outbox_read.c --- */

/* The head of a package: "EBR1", the fingerprint of its key in 8 hexadecimal digits, the job as it
 * was accepted. */
const char *eb_stock_head(apr_uint32_t key_id, const char *facts, apr_pool_t *pool);
/* APR_EINVAL: it is none. */
apr_status_t eb_stock_head_parse(apr_uint32_t *key_id, const char **facts, const redisReply *head);
apr_status_t eb_stock_read(eb_reader_t **package, eb_outbox_t *box, const eb_job_t *job,
                           eb_problem_t **problem, apr_pool_t *pool);
/* What was poured into a new package: `len` bytes in clear. */
apr_status_t eb_stock_read_back(eb_reader_t **package, const eb_stock_new_t *new,
                                const eb_chunks_t *key, const char *uuid, apr_uint64_t len,
                                eb_problem_t **problem, apr_pool_t *pool);
/* HMGET job:<uuid> job head since */
void eb_stock_fields(eb_redis_command_t *command, const char *authority, const char *uuid,
                     apr_pool_t *pool);
apr_status_t eb_stock_summary(eb_outbox_summary_t *s, eb_outbox_t *box, const char *authority,
                              apr_time_t now, eb_problem_t **problem, apr_pool_t *pool);
apr_status_t eb_stock_list(apr_array_header_t **jobs, eb_outbox_t *box, const char *authority,
                           eb_problem_t **problem, apr_pool_t *pool);

/* --- redis_outbox_operator.c, redis_outbox_rewrap.c --- */
extern const eb_operator_t eb_stock_by_hand;
apr_status_t eb_stock_rewrap(bool *changed, eb_outbox_t *box, const eb_job_t *job,
                             eb_problem_t **problem, apr_pool_t *pool);

#endif
