/* Files that came in while the scanner was away are shown to it again when their owner comes back:
 * only the owner's cookie opens them. Until it has said that they are clean, they are not sent. */
#include "visit.h"

#include "page/texts.h"
#include "store/upload.h"

/* The answer's line of a file that was found clean. */
static void mark_clean(eb_visit_t *v, const eb_document_t *d)
{
    eb_files_t files;

    if (eb_files_parse(&files, eb_instance_get(v->in, d->node, d->entry), v->pool) != APR_SUCCESS)
        return;
    for (int i = 0; i < files.count; i++)
        if (strcmp(files.list[i].id, d->file.id) == 0)
            files.list[i].scan = EB_FILE_CLEAN;
    eb_instance_set(v->in, d->node, d->entry, eb_files_text(&files, v->pool));
}

static eb_verdict_t look(eb_visit_t *v, const eb_document_t *d)
{
    const eb_scanner_t *scanner = v->server->scanner;
    eb_problem_t *problem = NULL;
    eb_verdict_t verdict = EB_VERDICT_UNKNOWN;
    eb_source_t *source;
    eb_scan_t *scan;
    apr_pool_t *pool;

    apr_pool_create(&pool, v->pool);
    scan = scanner->begin(scanner, pool);
    source = eb_upload_source(&v->drafts, v->draft, d->file.id, d->file.size, pool);
    if (source->pour(source, &scan->sink, &problem, pool) == APR_SUCCESS)
        verdict = scanner->finish(scan, &problem, pool);
    if (verdict == EB_VERDICT_FOUND)
        eb_problem_set(&problem, EB_P_MALWARE, APR_EGENERAL, NULL, pool, "Case %s: %s",
                       v->draft->number, problem != NULL ? problem->what : "found");
    eb_log_request(v->r, APLOG_WARNING, problem);
    apr_pool_destroy(pool);
    return verdict;
}

/* Asks before it sends megabytes. */
static bool answers(const eb_visit_t *v)
{
    const eb_scanner_t *scanner = v->server->scanner;
    eb_problem_t *problem = NULL;

    if (scanner->ping(scanner, &problem, v->pool) == APR_SUCCESS)
        return true;
    eb_log_request(v->r, APLOG_WARNING, problem);
    return false;
}

static apr_array_header_t *pending(const eb_visit_t *v)
{
    const apr_array_header_t *all = eb_documents_list(&v->c, true);
    apr_array_header_t *list = apr_array_make(v->pool, 4, sizeof(eb_document_t));

    for (int i = 0; i < all->nelts; i++)
        if (APR_ARRAY_IDX(all, i, eb_document_t).file.scan == EB_FILE_PENDING)
            APR_ARRAY_PUSH(list, eb_document_t) = APR_ARRAY_IDX(all, i, eb_document_t);
    return list;
}

int eb_scan_pending(eb_visit_t *v, bool *waiting)
{
    apr_array_header_t *list;
    bool news = false;

    *waiting = false;
    if (eb_server_virus_scan(v->server)->mode != EB_SCAN_REQUIRED)
        return EB_GO_ON;
    list = pending(v);
    *waiting = list->nelts > 0 && !answers(v);
    for (int i = 0; i < list->nelts && !*waiting; i++) {
        const eb_document_t *d = &APR_ARRAY_IDX(list, i, eb_document_t);

        switch (look(v, d)) {
        case EB_VERDICT_CLEAN:
            mark_clean(v, d);
            news = true;
            break;
        case EB_VERDICT_FOUND: return eb_files_drop(v, d, eb_visit_text(v, EB_T_FILE_INFECTED));
        case EB_VERDICT_UNKNOWN: *waiting = true;
        }
    }
    return news ? eb_visit_save(v) : EB_GO_ON;
}
