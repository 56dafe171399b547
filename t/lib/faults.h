/* One fallible call fails: of an outbox, of a transport, of a source of bytes. All of them are
 * counted together, and the one whose turn it is fails either before it has done anything, or after
 * it has done all, as when only the answer is lost. Trying 1, 2, 3 … until a whole run meets no
 * fault any more visits every error path there is. */
#ifndef FAULTS_H
#define FAULTS_H

#include "delivery/dispatcher.h"

#include <apr_errno.h>
#include <apr_strings.h>

typedef struct faults_t {
    int at;                  /* which call fails; 0: none */
    bool after;              /* it has taken effect */
    eb_step_result_t answer; /* of a step that fails: WAIT, HOLD or STOPPED */
    int seen;
    const char *met; /* which it was, or NULL */
    eb_outbox_t *box;
    const eb_transport_t *transport;
} faults_t;

static inline bool faults_due(faults_t *f, const char *call)
{
    bool due = ++f->seen == f->at;
    if (due)
        f->met = call;
    return due;
}

static inline apr_status_t faults_fail(eb_problem_id_t number, eb_problem_t **problem,
                                       apr_pool_t *pool)
{
    return eb_problem_set(problem, number, EIO, NULL, pool, "as asked for");
}

/* --- an outbox: all calls of the engine in f->box but release(), which cannot fail --- */

#define FAULTS_CALL(call, params, ...)                                                             \
    static inline apr_status_t faulty_##call params                                                \
    {                                                                                              \
        faults_t *f = box->data;                                                                   \
        bool due = faults_due(f, #call);                                                           \
        box = f->box;                                                                              \
        apr_status_t rv = due && !f->after ? APR_SUCCESS : box->engine->call(__VA_ARGS__);         \
        return due ? faults_fail(EB_P_SPOOL_WRITE, problem, pool) : rv;                            \
    }

FAULTS_CALL(put,
            (eb_outbox_t * box, eb_job_t *job, eb_source_t *package, eb_problem_t **problem,
             apr_pool_t *pool),
            box, job, package, problem, pool)
FAULTS_CALL(find,
            (eb_job_t * *job, eb_outbox_t *box, const char *authority, const char *uuid,
             eb_problem_t **problem, apr_pool_t *pool),
            job, box, authority, uuid, problem, pool)
FAULTS_CALL(take,
            (eb_job_t * *job, eb_outbox_t *box, const char *authority, apr_time_t now,
             eb_problem_t **problem, apr_pool_t *pool),
            job, box, authority, now, problem, pool)
FAULTS_CALL(save, (eb_outbox_t * box, eb_job_t *job, eb_problem_t **problem, apr_pool_t *pool), box,
            job, problem, pool)
FAULTS_CALL(purge, (eb_outbox_t * box, eb_job_t *job, eb_problem_t **problem, apr_pool_t *pool),
            box, job, problem, pool)
FAULTS_CALL(journal,
            (eb_outbox_t * box, const eb_job_t *job, const char *line, apr_size_t len,
             eb_problem_t **problem, apr_pool_t *pool),
            box, job, line, len, problem, pool)

typedef struct faulty_reader_t {
    eb_reader_t reader, *real;
    faults_t *f;
} faulty_reader_t;

static inline apr_status_t faulty_at(eb_reader_t *reader, apr_uint64_t offset, void *out,
                                     apr_size_t len, eb_problem_t **problem, apr_pool_t *pool)
{
    faulty_reader_t *self = (faulty_reader_t *)reader;

    if (faults_due(self->f, "at"))
        return faults_fail(EB_P_SPOOL_READ, problem, pool);
    return self->real->at(self->real, offset, out, len, problem, pool);
}

static inline apr_status_t faulty_read(eb_reader_t **package, eb_outbox_t *box, const eb_job_t *job,
                                       eb_problem_t **problem, apr_pool_t *pool)
{
    faults_t *f = box->data;
    faulty_reader_t *self = apr_pcalloc(pool, sizeof *self);
    bool due = faults_due(f, "read");

    if (due && !f->after)
        return faults_fail(EB_P_SPOOL_READ, problem, pool);
    apr_status_t rv = f->box->engine->read(&self->real, f->box, job, problem, pool);
    if (due)
        return faults_fail(EB_P_SPOOL_READ, problem, pool);
    if (!rv)
        self->reader = (eb_reader_t){self->real->len, faulty_at};
    self->f = f;
    *package = &self->reader;
    return rv;
}

static inline void faulty_release(eb_outbox_t *box, eb_job_t *job)
{
    faults_t *f = box->data;
    f->box->engine->release(f->box, job);
}

static inline eb_outbox_t faults_outbox(faults_t *f)
{
    static const eb_outbox_engine_t engine = {.name = "faulty",
                                              .put = faulty_put,
                                              .find = faulty_find,
                                              .take = faulty_take,
                                              .read = faulty_read,
                                              .save = faulty_save,
                                              .purge = faulty_purge,
                                              .release = faulty_release,
                                              .journal = faulty_journal};
    return (eb_outbox_t){&engine, f->box->keys, f->box->pool, f};
}

/* --- a transport: a step that took effect while its answer was lost has not moved the job --- */

static inline eb_step_result_t faulty_step(const eb_transport_t *self, eb_job_t *job,
                                           const eb_package_t *package, apr_time_t now,
                                           const eb_stop_t *stop, eb_problem_t **problem,
                                           apr_pool_t *pool)
{
    faults_t *f = self->data;
    eb_job_t before = *job;
    bool due = faults_due(f, "step");

    if (due && !f->after) {
        faults_fail(EB_P_FOLDER_WRITE, problem, pool);
        return f->answer;
    }
    eb_step_result_t result =
        f->transport->step(f->transport, job, package, now, stop, problem, pool);
    if (!due)
        return result;
    *job = before;
    faults_fail(EB_P_FOLDER_WRITE, problem, pool);
    return f->answer;
}

static inline eb_transport_t faults_transport(faults_t *f)
{
    return (eb_transport_t){f->transport->name, faulty_step, f};
}

/* --- a source: fails at one of its blocks, on either side of it --- */

typedef struct faulty_source_t {
    eb_source_t source, *real;
    eb_sink_t between, *sink;
    faults_t *f;
} faulty_source_t;

static inline apr_status_t faulty_take_block(eb_sink_t *sink, const void *data, apr_size_t len,
                                             eb_problem_t **problem, apr_pool_t *pool)
{
    faulty_source_t *self = (faulty_source_t *)((char *)sink - offsetof(faulty_source_t, between));
    bool due = faults_due(self->f, "block");
    apr_status_t rv = due && !self->f->after
                          ? APR_SUCCESS
                          : self->sink->take(self->sink, data, len, problem, pool);

    return due ? faults_fail(EB_P_UPLOAD_GONE, problem, pool) : rv;
}

static inline apr_status_t faulty_pour(eb_source_t *source, eb_sink_t *sink, eb_problem_t **problem,
                                       apr_pool_t *pool)
{
    faulty_source_t *self = (faulty_source_t *)source;

    self->sink = sink;
    return self->real->pour(self->real, &self->between, problem, pool);
}

static inline eb_source_t *faults_source(faults_t *f, eb_source_t *real, apr_pool_t *pool)
{
    faulty_source_t *self = apr_pcalloc(pool, sizeof *self);

    *self = (faulty_source_t){
        .source = {faulty_pour}, .real = real, .between = {faulty_take_block}, .f = f};
    return &self->source;
}

#endif
