/* Documents on their way through: what may be poured, and whose fault it is when it may not. A
 * failure of what pours and one of what takes come back by the same return value; a sink in between
 * tells them apart. */
#include "package.h"

#include <apr_errno.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <strings.h>

static bool name_safe(const char *name)
{
    apr_size_t len = strlen(name);

    for (const char *c = name; *c; c++)
        if (!apr_isalnum(*c) && *c != '-' && *c != '_' && *c != '.')
            return false;
    return len >= 1 && len <= EB_ATTACHMENT_NAME_MAX && apr_isalnum(*name);
}

/* Some receivers' file systems ignore case. */
static bool name_taken(const eb_attachment_t *list, int i)
{
    for (int before = 0; before < i; before++)
        if (strcasecmp(list[before].name, list[i].name) == 0)
            return true;
    return false;
}

apr_status_t eb_attachments_safe(const eb_attachment_t *list, int count, eb_problem_t **problem,
                                 apr_pool_t *pool)
{
    for (int i = 0; i < count; i++)
        if (!name_safe(list[i].name) || name_taken(list, i))
            return eb_problem_set(problem, EB_P_DOCUMENT_NAME, APR_EINVAL, NULL, pool,
                                  "The name of document %d of %d is not safe, or there twice",
                                  i + 1, count);
    return APR_SUCCESS;
}

/* Counts what passes, and remembers a failure of the sink behind it. That one's problem goes where
 * the caller wants it, whatever pool the source works in. */
typedef struct meter_t {
    eb_sink_t sink, *out;
    apr_uint64_t len, max;
    apr_status_t failed;
    eb_problem_t **problem;
    apr_pool_t *pool;
} meter_t;

static apr_status_t pass(eb_sink_t *sink, const void *data, apr_size_t len, eb_problem_t **problem,
                         apr_pool_t *pool)
{
    meter_t *m = (meter_t *)sink;

    (void)problem, (void)pool;
    m->len += len;
    if (m->len > m->max)
        return APR_EGENERAL;
    m->failed = m->out->take(m->out, data, len, m->problem, m->pool);
    return m->failed;
}

/* The failure of a source, in words that outlive its pool. */
static apr_status_t unread(apr_status_t rv, const eb_problem_t *cause, eb_problem_t **problem,
                           apr_pool_t *pool)
{
    char text[120];

    if (!cause)
        return eb_problem_set(problem, EB_P_DOCUMENT_UNREAD, rv, NULL, pool,
                              "A document cannot be read: %s", apr_strerror(rv, text, sizeof text));
    return eb_problem_set(problem, cause->number, rv,
                          cause->where ? apr_pstrdup(pool, cause->where) : NULL, pool, "%s",
                          cause->what);
}

apr_status_t eb_attachment_pour(const eb_attachment_t *attachment, eb_sink_t *sink, bool *own,
                                eb_problem_t **problem, apr_pool_t *pool)
{
    meter_t m = {
        .sink.take = pass, .out = sink, .max = attachment->size, .problem = problem, .pool = pool};
    eb_problem_t *cause = NULL;
    apr_pool_t *temp;
    apr_status_t rv = apr_pool_create(&temp, pool);

    *own = false;
    if (rv)
        return rv;
    rv = attachment->source->pour(attachment->source, &m.sink, &cause, temp);
    *own = !m.failed && (rv || m.len != m.max);
    if (m.failed)
        rv = m.failed;
    else if (m.len > m.max || (!rv && m.len < m.max))
        rv = eb_problem_set(problem, EB_P_DOCUMENT_SIZE, APR_EGENERAL, NULL, pool,
                            "A document should have %" APR_UINT64_T_FMT " bytes and has %s", m.max,
                            m.len > m.max ? "more" : "less");
    else if (rv)
        rv = unread(rv, cause, problem, pool);
    apr_pool_destroy(temp);
    return rv;
}

typedef struct attachment_source_t {
    eb_source_t source;
    const eb_attachment_t *attachment;
    bool *failed;
} attachment_source_t;

static apr_status_t pour_attachment(eb_source_t *source, eb_sink_t *sink, eb_problem_t **problem,
                                    apr_pool_t *pool)
{
    const attachment_source_t *p = (const attachment_source_t *)source;
    bool own = false;
    apr_status_t rv = eb_attachment_pour(p->attachment, sink, &own, problem, pool);

    if (rv && own)
        *p->failed = true;
    return rv;
}

eb_source_t *eb_attachment_source(const eb_attachment_t *attachment, bool *failed, apr_pool_t *pool)
{
    attachment_source_t *p = apr_palloc(pool, sizeof *p);

    *p = (attachment_source_t){{pour_attachment}, attachment, failed};
    return &p->source;
}
