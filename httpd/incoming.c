/* One file on its way in: through the checks of its content, past the scanner, sealed into the
 * store; and when all of it is there, into the answers. Other windows may have stored answers while
 * it came: it is added to what is stored then, since another file never contradicts an answer. */
#include "visit.h"

#include "form/content.h"
#include "page/texts.h"
#include "store/upload.h"

struct eb_incoming_t {
    eb_visit_t *v;
    const eb_control_t *control;
    apr_pool_t *pool; /* goes with the file: what is refused leaves nothing in the store */
    const char *name; /* for people */
    eb_content_t *content;
    eb_scan_t *scan; /* NULL: no scanner is asked */
    eb_upload_t *upload;
    const char *why; /* it was refused: a sentence; the rest of its bytes is ignored */
};

const char *eb_incoming_refusal(eb_visit_t *v, const char *name, const char *why)
{
    return eb_words_fill(eb_visit_text(v, EB_T_FILE_REFUSED), v->pool, "file", name, "why", why,
                         NULL);
}

apr_status_t eb_incoming_begin(eb_incoming_t **file, eb_visit_t *v, const eb_control_t *control,
                               const char *name, const char *type, eb_problem_t **problem)
{
    apr_pool_t *pool;
    eb_incoming_t *in;

    apr_pool_create(&pool, v->pool);
    in = apr_pcalloc(pool, sizeof(*in));
    in->v = v;
    in->control = control;
    in->pool = pool;
    in->name = eb_file_name(name, v->pool);
    in->why = eb_files_full(v, 0);
    in->content = eb_content_new(name, type, pool);
    if (v->server->scanner != NULL && in->why == NULL)
        in->scan = v->server->scanner->begin(v->server->scanner, pool);
    *file = in;
    return eb_upload_begin(&in->upload, &v->drafts, v->draft, problem, pool);
}

static const char *too_large(const eb_incoming_t *in, apr_uint64_t size)
{
    apr_pool_t *pool = in->v->pool;
    apr_uint64_t limit = in->v->server->limits.file;

    if (size <= limit)
        return NULL;
    return eb_words_fill(eb_visit_text(in->v, EB_T_FILE_TOO_LARGE), pool, "limit",
                         eb_megabytes(in->v->edition->pages, limit, pool), NULL);
}

/* What is wrong with its content; `in` may be gone when it is read. */
static const char *refused(const eb_incoming_t *in)
{
    eb_visit_t *v = in->v;

    return apr_pstrdup(v->pool, eb_say(v->edition->form->words, eb_content_why(in->content)));
}

apr_status_t eb_incoming_take(eb_incoming_t *in, const char *data, apr_size_t len,
                              eb_problem_t **problem)
{
    apr_size_t keep = 0;

    if (in->why != NULL)
        return APR_SUCCESS;
    if (eb_content_feed(in->content, data, len, &keep) != APR_SUCCESS)
        in->why = refused(in);
    else
        in->why = too_large(in, in->upload->size + keep);
    if (in->why != NULL || keep == 0)
        return APR_SUCCESS;
    if (in->scan != NULL)
        in->scan->sink.take(&in->scan->sink, data, keep, NULL, in->pool);
    return in->upload->sink.take(&in->upload->sink, data, keep, problem, in->pool);
}

/* What the answers will say about the scan; a file with malware is refused. */
static eb_file_scan_t judge(eb_incoming_t *in)
{
    bool required = eb_server_virus_scan(in->v->server)->mode == EB_SCAN_REQUIRED;
    eb_problem_t *problem = NULL;

    if (in->scan == NULL)
        return EB_FILE_UNSCANNED;
    switch (in->scan->scanner->finish(in->scan, &problem, in->pool)) {
    case EB_VERDICT_CLEAN: return EB_FILE_CLEAN;
    case EB_VERDICT_FOUND:
        in->why = eb_visit_text(in->v, EB_T_FILE_INFECTED);
        eb_problem_set(&problem, EB_P_MALWARE, APR_EGENERAL, NULL, in->pool, "Case %s: %s",
                       in->v->draft->number, problem != NULL ? problem->what : "found");
        break;
    case EB_VERDICT_UNKNOWN: break;
    }
    eb_log_request(in->v->r, APLOG_WARNING, problem);
    return required ? EB_FILE_PENDING : EB_FILE_UNSCANNED;
}

static apr_status_t append(eb_incoming_t *in, const eb_file_t *file, eb_problem_t **problem)
{
    eb_visit_t *v = in->v;
    const eb_node_t *node = in->control->node;
    eb_files_t files, more;

    if (eb_files_parse(&files, eb_instance_get(v->in, node, v->entry), v->pool) != APR_SUCCESS)
        files = (eb_files_t){0};
    if (files.count >= EB_FILES_MAX) {
        in->why = eb_words_fill(eb_visit_text(v, EB_T_FILES_TOO_MANY_HERE), v->pool, "limit",
                                apr_itoa(v->pool, EB_FILES_MAX), NULL);
        return APR_SUCCESS;
    }
    more = files;
    more.list = apr_palloc(v->pool, (files.count + 1) * sizeof(*more.list));
    for (int i = 0; i < files.count; i++)
        more.list[i] = files.list[i];
    more.list[more.count++] = *file;
    eb_instance_set(v->in, node, v->entry, eb_files_text(&more, v->pool));
    return eb_visit_store(v, problem);
}

/* Adds the file to the answers and stores them, after whoever is faster. */
static apr_status_t attach(eb_incoming_t *in, const eb_file_t *file, eb_problem_t **problem)
{
    eb_visit_t *v = in->v;
    apr_status_t rv = APR_EEXIST;

    for (int i = 0; i < EB_FILES_TRIES && rv == APR_EEXIST; i++) {
        if (i > 0 && !eb_files_follow(v))
            break;
        in->why = eb_files_full(v, file->size);
        if (in->why != NULL)
            return APR_SUCCESS;
        rv = append(in, file, problem);
    }
    if (rv == APR_EEXIST)
        in->why = eb_visit_text(in->v, EB_T_FILE_OVERTAKEN);
    return rv == APR_EEXIST ? APR_SUCCESS : rv;
}

/* The pieces get the draft's time before the draft names them: a crash in between leaves bytes that
 * expire, and never a name without bytes. */
static apr_status_t keep(eb_incoming_t *in, eb_file_t *file, eb_problem_t **problem)
{
    eb_visit_t *v = in->v;
    apr_status_t rv = eb_upload_finish(in->upload, problem);

    file->id = apr_pstrdup(v->pool, in->upload->id);
    file->size = in->upload->size;
    if (rv == APR_SUCCESS)
        rv = eb_uploads_keep(&v->drafts, v->draft, &file->id, 1, problem, in->pool);
    if (rv == APR_SUCCESS)
        rv = attach(in, file, problem);
    if (rv == APR_SUCCESS && in->why != NULL)
        eb_files_forget(v, &file->id, 1);
    return rv;
}

apr_status_t eb_incoming_finish(eb_incoming_t *in, eb_errors_t *errors, eb_problem_t **problem)
{
    eb_visit_t *v = in->v;
    eb_file_t file = {.name = in->name};
    apr_status_t rv = APR_SUCCESS;

    if (in->why == NULL && eb_content_finish(in->content) != APR_SUCCESS)
        in->why = refused(in);
    if (in->why == NULL) {
        file.type = apr_pstrdup(v->pool, eb_content_type(in->content));
        file.scan = judge(in);
    }
    if (in->why == NULL)
        rv = keep(in, &file, problem);
    if (in->why != NULL)
        eb_errors_add(errors, in->control->node, v->entry, 0,
                      eb_incoming_refusal(v, in->name, in->why));
    if (rv == APR_SUCCESS) /* a problem lives in it */
        apr_pool_destroy(in->pool);
    return rv;
}
