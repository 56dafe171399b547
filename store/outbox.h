/* The outbox: what was accepted waits here, on stable storage, sealed, until its receiver has
 * confirmed it (DESIGN, section 6). One interface, several engines; spool.c is the one on a local
 * file system.
 *
 * A *package* is frozen bytes, sealed by this room; it may be far larger than memory should be, so
 * it streams in and is read piece by piece. A *job* says how far it has got; each change of it is
 * durable before the caller goes on. */
#ifndef EB_OUTBOX_H
#define EB_OUTBOX_H

#include "base/flow.h"
#include "base/ids.h"
#include "base/problem.h"
#include "base/seal.h"

#include <apr_tables.h>
#include <apr_time.h>

typedef enum {
    EB_JOB_QUEUED,
    EB_JOB_ANNOUNCED,
    EB_JOB_ATTACHED,
    EB_JOB_SUBMITTED,
    EB_JOB_CONFIRMED,
    EB_JOB_PURGED,
    EB_JOB_HELD /* waits for a person; `before` says where it continues, HELD: nobody knows */
} eb_job_state_t;
const char *
eb_job_state_name(eb_job_state_t state); /* "queued" … as in job files, journal and status */
/* The reverse. APR_EINVAL. */
apr_status_t eb_job_state_parse(eb_job_state_t *state, const char *name);

/* A line of the journal, before it has a time: evidence that a transport wants kept. */
typedef struct eb_note_t {
    const char *step, *detail;
} eb_note_t;

typedef struct eb_job_t {
    char uuid[EB_UUID_LEN + 1];
    char number[EB_NUMBER_LEN + 1]; /* "" when file and package are both unreadable */
    const char *authority;          /* id, e.g. "05711000": letters, digits, '-', '_'; at most 64 */
    eb_job_state_t state, before;
    int attached; /* ATTACHED: how many attachments are through */
    int tries;    /* since the last progress */
    apr_time_t accepted, due, changed;
    const char *transport;                     /* "directory" */
    const char *remote;                        /* the transport's own memory (JSON), or NULL */
    const char *problem_id, *problem, *remedy; /* of the last failure, or NULL */
    void *engine;                              /* the engine's hold on a taken job (lock) */

    /* Of the step in hand, and not kept with the job: what the journal is to say of it. */
    const char *detail;        /* beside the state that was reached; NULL: `remote` */
    apr_array_header_t *notes; /* of eb_note_t, each a line of its own; or NULL */
} eb_job_t;

/* A package to read in, for one thread at a time. Holds two pieces' worth of memory. */
typedef struct eb_reader_t eb_reader_t;
struct eb_reader_t {
    apr_uint64_t len; /* of the whole package: true from the start */
    /* `len` bytes from `offset` on. A failure comes with its problem, and without a byte that is
     * not true; APR_EOF (without a problem): the package is not that long. */
    apr_status_t (*at)(eb_reader_t *reader, apr_uint64_t offset, void *out, apr_size_t len,
                       eb_problem_t **problem, apr_pool_t *pool);
};

typedef struct eb_outbox_summary_t {
    apr_uint64_t accepted, delivered; /* ever; accepted = delivered + pending + held */
    int pending, held;
    apr_time_t oldest;                         /* accepted, of the oldest undelivered; 0 = none */
    apr_time_t last_success;                   /* 0 = none that the journal knows */
    const char *problem_id, *problem, *remedy; /* of the last failure that still stands, or NULL */
    apr_time_t problem_at;
    apr_uint64_t missing; /* the journal saw them accepted, and they are nowhere: must be 0 */
} eb_outbox_summary_t;

typedef struct eb_outbox_t eb_outbox_t;
typedef struct eb_outbox_engine_t {
    const char *name;
    /* Makes the package and its queued job durable, or finds that the UUID is there already
     * (APR_EEXIST: *job is filled from it, also when it was delivered and purged long ago; no
     * problem). Any other failure: it is not known to be durable, and no receipt may be shown;
     * find() or another put() of the same UUID settles it. A failure of the source is handed
     * through, as APR_EGENERAL if it is APR_EEXIST, and nothing was put. `job` gives uuid, number,
     * authority, transport, accepted, and `remote` or NULL. */
    apr_status_t (*put)(eb_outbox_t *box, eb_job_t *job, eb_source_t *package,
                        eb_problem_t **problem, apr_pool_t *pool);
    /* In any state; what it finds is durable. APR_NOTFOUND (without a problem). */
    apr_status_t (*find)(eb_job_t **job, eb_outbox_t *box, const char *authority, const char *uuid,
                         eb_problem_t **problem, apr_pool_t *pool);
    /* What is not purged yet, in no order, for the status page and the operator: an array of
     * eb_job_t *. */
    apr_status_t (*list)(apr_array_header_t **jobs, eb_outbox_t *box, const char *authority,
                         eb_problem_t **problem, apr_pool_t *pool);
    /* The job that has been due longest, held exclusively until release(), or until `pool` goes, or
     * the process dies. A job that cannot be understood comes as HELD with its problem, and
     * `before` HELD as well. APR_EOF: nothing is due. */
    apr_status_t (*take)(eb_job_t **job, eb_outbox_t *box, const char *authority, apr_time_t now,
                         eb_problem_t **problem, apr_pool_t *pool);
    /* The reader is good until release(), or until `pool` goes. A package that is shorter or
     * longer than what was put, or has lost its key, is refused here; any other change where it is
     * read. */
    apr_status_t (*read)(eb_reader_t **package, eb_outbox_t *box, const eb_job_t *job,
                         eb_problem_t **problem, apr_pool_t *pool);
    apr_status_t (*save)(eb_outbox_t *box, eb_job_t *job, eb_problem_t **problem,
                         apr_pool_t *pool); /* checkpoint: durable on return */
    apr_status_t (*purge)(eb_outbox_t *box, eb_job_t *job, eb_problem_t **problem,
                          apr_pool_t *pool); /* CONFIRMED only: content goes, the record stays */
    void (*release)(eb_outbox_t *box, eb_job_t *job);
    /* How it stands, a few seconds ago at most; cheap however many jobs wait. */
    apr_status_t (*summary)(eb_outbox_summary_t *s, eb_outbox_t *box, const char *authority,
                            apr_time_t now, eb_problem_t **problem, apr_pool_t *pool);
    /* Keeps a line of the journal, which ends in '\n'. */
    apr_status_t (*journal)(eb_outbox_t *box, const eb_job_t *job, const char *line, apr_size_t len,
                            eb_problem_t **problem, apr_pool_t *pool);
    const struct eb_operator_t *by_hand; /* operator.h */
} eb_outbox_engine_t;

struct eb_outbox_t {
    const eb_outbox_engine_t *engine;
    const eb_keyring_t *keys;
    apr_pool_t *pool;
    void *data; /* the engine's */
};

/* Engine `spool`: <folder>/<authority>/{tmp,queue,done}. The folder must exist, on a local file
 * system, and be writable for the caller. A job is held by flock on its package, which kill -9
 * releases. */
apr_status_t eb_spool_open(eb_outbox_t **box, const char *folder, const eb_keyring_t *keys,
                           eb_problem_t **problem, apr_pool_t *pool);

/* How many applications lie in an authority's part of a spool that need not be an outbox of
 * anybody; 0 also when there is none, or it may not be read. */
int eb_spool_left(const char *folder, const char *authority, apr_pool_t *pool);

/* Engine `redis`: for several nodes, each of which delivers what any of them accepted. A job is
 * held by a lease, renewed by each save and while its package is read; when it has run out another
 * node may have the job, and the late one's save and purge fail with EB_P_LEASE_LOST. The replicas
 * that the address of `redis` asks for must confirm what is durable. Never connects. */
#define EB_LEASE apr_time_from_sec(60)
struct eb_redis_t;
void eb_redis_outbox_open(eb_outbox_t **box, struct eb_redis_t *redis, apr_interval_time_t lease,
                          const eb_keyring_t *keys, apr_pool_t *pool);
/* Whether this Redis keeps what it is told, as put() demands: eb_redis_honest(), asked once a
 * minute, and after every failure. */
apr_status_t eb_redis_outbox_check(eb_outbox_t *box, apr_time_t now, eb_problem_t **problem,
                                   apr_pool_t *pool);

/* The journal beside it: one line per transition, append-only, never content. Tab separated: time
 * (job->changed), authority, number, uuid, step, transport, detail (the transport's id, or a hash;
 * may be NULL). It is an account for people; the jobs themselves are the truth. */
apr_status_t eb_journal_write(eb_outbox_t *box, const eb_job_t *job, const char *step,
                              const char *detail, eb_problem_t **problem, apr_pool_t *pool);

#endif
