/* What the tests of the spool share: a job to put, an operator's look at what is there. */
#ifndef TEST_SPOOL_H
#define TEST_SPOOL_H

#include "store/outbox.h"
#include "bytes.h"
#include "scratch.h"

#define AUTHORITY "05711000"

static inline eb_outbox_t *spool_box(const char *dir, const eb_keyring_t *keys, apr_pool_t *pool)
{
    eb_outbox_t *box;
    eb_problem_t *problem = NULL;
    const char *folder = apr_pstrcat(pool, dir, "/spool", NULL);
    mkdir(folder, 0700);
    if (eb_spool_open(&box, folder, keys, &problem, pool)) {
        printf("Bail out! %s\n", eb_problem_text(problem, pool));
        exit(1);
    }
    return box;
}

static inline eb_job_t spool_job(apr_time_t now)
{
    eb_job_t job = {.authority = AUTHORITY, .transport = "directory", .accepted = now};
    eb_uuid_new(job.uuid);
    eb_number_new(job.number, 2026);
    return job;
}

/* What stands for an application; every byte depends on the UUID. */
static inline const char *spool_text(const char *uuid, apr_pool_t *pool)
{
    return apr_pstrcat(pool, "<antrag>", uuid, "</antrag>", NULL);
}

static inline apr_status_t spool_put(eb_outbox_t *box, eb_job_t *job, eb_problem_t **problem,
                                     apr_pool_t *pool)
{
    const char *text = spool_text(job->uuid, pool);
    bytes_t package = bytes_of(text, strlen(text));
    return box->engine->put(box, job, &package.source, problem, pool);
}

/* Whether the package of a job is readable, and the one that spool_put() put. */
static inline bool spool_same(eb_outbox_t *box, const eb_job_t *job, eb_problem_t **problem,
                              apr_pool_t *pool)
{
    const char *text = spool_text(job->uuid, pool);
    apr_size_t len = strlen(text);
    char *got = apr_palloc(pool, len);
    eb_reader_t *reader;

    return !box->engine->read(&reader, box, job, problem, pool) && reader->len == len &&
           !reader->at(reader, 0, got, len, problem, pool) && memcmp(got, text, len) == 0;
}

static inline int spool_files(const char *dir, const char *folder, apr_pool_t *pool)
{
    return scratch_count(apr_pstrcat(pool, dir, "/spool/" AUTHORITY "/", folder, NULL));
}

#endif
