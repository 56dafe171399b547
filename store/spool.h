/* The inside of the spool, for spool*.c and journal.c only. */
#ifndef EB_SPOOL_H
#define EB_SPOOL_H

#include "operator.h"
#include "outbox.h"

#include <dirent.h>
#include <stdbool.h>
#include <sys/stat.h>

typedef struct eb_looks_t eb_looks_t;   /* spool_summary.c */
typedef struct eb_queues_t eb_queues_t; /* spool_queue.c */
typedef struct eb_queue_t eb_queue_t;

typedef struct eb_spool_t {
    const char *folder;
    eb_looks_t *looks;
    eb_queues_t *queues;
} eb_spool_t;

/* An authority's folders, as open descriptors; closed with their pool. */
typedef struct eb_place_t {
    const char *path; /* for problems */
    int root, tmp, queue, done;
} eb_place_t;

/* What job->engine points to: the folders, and the package under flock. */
typedef struct eb_hold_t {
    apr_pool_t *pool;
    eb_place_t *place;
    int package;
    eb_queue_t *queue; /* that it was taken from, or NULL */
    bool frozen;       /* its job file is of a newer format and must stay as it is */
} eb_hold_t;

#define EB_SPOOL_NAME_LEN (EB_UUID_LEN + 18) /* "<uuid>.package", or with 16 random digits */
typedef struct eb_spool_name_t {
    char text[EB_SPOOL_NAME_LEN];
} eb_spool_name_t;
eb_spool_name_t eb_spool_name(const char *uuid, const char *suffix);

/* spool.c. With `create` missing folders are made; without, APR_ENOENT when there are none. */
apr_status_t eb_place_enter(eb_place_t **place, const eb_outbox_t *box, const char *authority,
                            bool create, eb_problem_t **problem, apr_pool_t *pool);

/* spool_file.c */
/* What root makes (einbuergerungctl) belongs to the owner of the folder it is made in, so that
 * httpd can go on with it. */
apr_status_t eb_spool_own(int fd, int parent);
/* A new file <uuid>.<random> in place->tmp, complete and synced, with the modification time
 * `stamp`; *fd stays open. `fill` writes what is to be in it. On failure nothing is left. */
typedef apr_status_t (*eb_spool_fill_t)(int fd, void *baton);
apr_status_t eb_spool_write(int *fd, eb_spool_name_t *name, const eb_place_t *place,
                            const char *uuid, eb_spool_fill_t fill, void *baton, apr_time_t stamp);
/* A whole file, NUL terminated, of at most `max` bytes (APR_EINVAL beyond). */
apr_status_t eb_spool_slurp(char **data, apr_size_t *len, int fd, apr_size_t max, apr_pool_t *pool);
/* <dir>/<uuid>.job becomes `job`, durably and at once. */
apr_status_t eb_spool_put_job(const eb_place_t *place, int dir, const eb_job_t *job,
                              apr_pool_t *pool);
/* APR_ENOENT; APR_EINVAL, APR_ENOTIMPL as eb_job_decode(); a job of another name is APR_EINVAL. */
apr_status_t eb_spool_get_job(eb_job_t **job, int dir, const char *uuid, apr_pool_t *pool);
/* Sets a problem that fits `rv`: no room, or no write. Returns rv, EDQUOT as APR_ENOSPC. */
apr_status_t eb_spool_unwritten(eb_problem_t **problem, apr_status_t rv, const eb_place_t *place,
                                const char *what, apr_pool_t *pool);
apr_status_t eb_spool_unread(eb_problem_t **problem, apr_status_t rv, const eb_place_t *place,
                             const char *what, apr_pool_t *pool);

/* spool_package.c: the file is a head in clear (key, and the job as it was accepted), then the
 * package in sealed pieces, each of which is bound to the head. */
/* Writes it all into an open file. A failure comes with its problem. */
apr_status_t eb_spool_pack(int fd, const eb_outbox_t *box, const eb_place_t *place,
                           const eb_job_t *job, eb_source_t *package, eb_problem_t **problem,
                           apr_pool_t *pool);
/* The fingerprint of the key it is sealed under. APR_EINVAL: this is no package. */
apr_status_t eb_spool_key(apr_uint32_t *key_id, int fd);
/* The job as it was accepted, from the head alone. APR_EINVAL. */
apr_status_t eb_spool_facts(eb_job_t **job, int fd, const char *uuid, apr_pool_t *pool);
apr_status_t eb_spool_read(eb_reader_t **package, eb_outbox_t *box, const eb_job_t *job,
                           eb_problem_t **problem, apr_pool_t *pool);

/* spool_put.c, spool_take.c, spool_job.c: the engine's functions */
apr_status_t eb_spool_put(eb_outbox_t *box, eb_job_t *job, eb_source_t *package,
                          eb_problem_t **problem, apr_pool_t *pool);
apr_status_t eb_spool_find(eb_job_t **job, eb_outbox_t *box, const char *authority,
                           const char *uuid, eb_problem_t **problem, apr_pool_t *pool);
apr_status_t eb_spool_list(apr_array_header_t **jobs, eb_outbox_t *box, const char *authority,
                           eb_problem_t **problem, apr_pool_t *pool);
apr_status_t eb_spool_take(eb_job_t **job, eb_outbox_t *box, const char *authority, apr_time_t now,
                           eb_problem_t **problem, apr_pool_t *pool);
apr_status_t eb_spool_save(eb_outbox_t *box, eb_job_t *job, eb_problem_t **problem,
                           apr_pool_t *pool);
apr_status_t eb_spool_purge(eb_outbox_t *box, eb_job_t *job, eb_problem_t **problem,
                            apr_pool_t *pool);
void eb_spool_release(eb_outbox_t *box, eb_job_t *job);
/* spool_journal.c */
apr_status_t eb_spool_journal(eb_outbox_t *box, const eb_job_t *job, const char *line,
                              apr_size_t len, eb_problem_t **problem, apr_pool_t *pool);

apr_status_t eb_spool_journal_read(eb_outbox_t *box, const char *authority, eb_line_t each,
                                   void *baton, eb_problem_t **problem, apr_pool_t *pool);

/* spool_operator.c, spool_rewrap.c */
extern const eb_operator_t eb_spool_by_hand;
apr_status_t eb_spool_rewrap(bool *changed, eb_outbox_t *box, const eb_job_t *job,
                             eb_problem_t **problem, apr_pool_t *pool);

/* spool_summary.c: how an authority's folders looked last */
apr_status_t eb_looks_create(eb_looks_t **looks, apr_pool_t *pool);
apr_status_t eb_spool_summary(eb_outbox_summary_t *s, eb_outbox_t *box, const char *authority,
                              apr_time_t now, eb_problem_t **problem, apr_pool_t *pool);

/* spool_signs.c: what stands beside the jobs, so that a look need not open them all. Best effort:
 * the next save sets up what is missing. */
void eb_spool_mark(const eb_place_t *place, const eb_job_t *job); /* after a save, or a purge */
/* Counts the held jobs into s, and finds the last failure that still stands; the texts live in
 * `keep`. */
apr_status_t eb_spool_signs(eb_outbox_summary_t *s, const eb_place_t *place, apr_pool_t *keep,
                            apr_pool_t *pool);

/* spool_take.c: the package, locked until `pool` goes. APR_EBUSY: somebody else has it;
 * APR_NOTFOUND: it has gone. */
apr_status_t eb_spool_hold(eb_hold_t **hold, eb_place_t *place, const char *uuid, apr_pool_t *pool);
/* spool_job.c: the present state of a queued job, whatever it takes. `package` is its open file.
 * APR_SUCCESS always yields a job; *rv_file tells whether its file was good (APR_SUCCESS, or
 * APR_ENOENT before the first save), broken (APR_EINVAL) or newer (APR_ENOTIMPL). Other failures
 * are those of the file system. */
apr_status_t eb_spool_state(eb_job_t **job, apr_status_t *rv_file, const eb_place_t *place,
                            const char *authority, const char *uuid, int package, apr_pool_t *pool);
/* spool_scan.c */
typedef struct eb_candidate_t {
    apr_time_t due; /* from the time stamp of the job file: a hint, the job itself decides */
    char uuid[EB_UUID_LEN + 1];
} eb_candidate_t;
/* Every package in the queue, in no order, as long as `found` succeeds. */
typedef apr_status_t (*eb_spool_found_t)(void *baton, const eb_candidate_t *candidate);
apr_status_t eb_spool_scan(const eb_place_t *place, eb_spool_found_t found, void *baton);
/* When a queued job is due; false when it has gone. */
bool eb_spool_due_of(eb_candidate_t *candidate, const eb_place_t *place);
bool eb_spool_due(apr_time_t due, apr_time_t now);
/* The stream over a folder; NULL with errno. */
DIR *eb_spool_stream(int dir);
apr_time_t eb_spool_stamp(const struct stat *info); /* of its last change */
/* Removes what crashes have left: files in tmp that are older than an hour, and job files whose
 * purge was interrupted. */
void eb_spool_sweep(const eb_place_t *place, apr_time_t now);

/* spool_queue.c: the candidates of an authority, as they were seen last; for any thread */
apr_status_t eb_queues_create(eb_queues_t **queues, apr_pool_t *pool);
eb_queue_t *eb_queue_of(eb_queues_t *queues, const char *authority); /* NULL: no memory */
/* The one that has been due longest, which then is no candidate any more; false: none is due. */
bool eb_queue_next(eb_candidate_t *candidate, eb_queue_t *queue, apr_time_t now);
void eb_queue_note(eb_queue_t *queue, const char *uuid, apr_time_t due);
/* Looks into the folder for what next() does not know, if that is worthwhile yet. */
apr_status_t eb_queue_look(eb_queue_t *queue, const eb_place_t *place, apr_time_t now);
/* Whether it is time to sweep: always in a short queue, each hour in a long one. */
bool eb_queue_sweeps(eb_queue_t *queue, apr_time_t now);

#endif
