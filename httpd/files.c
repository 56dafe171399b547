/* The uploaded files of an application, as its answers name them: which page asks for them, how
 * many there may be, and what is forgotten when an answer goes. */
#include "visit.h"

#include "page/texts.h"
#include "store/upload.h"

const eb_control_t *eb_files_control(const eb_visit_t *v, const char *param)
{
    const eb_control_t *control = NULL;

    while ((control = eb_control_next(v->page, control)) != NULL)
        if (control->kind == EB_CONTROL_UPLOAD && strcmp(control->node->param, param) == 0)
            break;
    if (control == NULL || !eb_rules_relevant(control->node, &v->c) ||
        eb_rules_readonly(control->node, &v->c))
        return NULL;
    return control;
}

const char *eb_files_full(const eb_visit_t *v, apr_uint64_t size)
{
    const eb_upload_limits_t *limits = &v->server->limits;
    const apr_array_header_t *all = eb_documents_list(&v->c, false);
    apr_uint64_t used = size;

    if (all->nelts >= limits->count)
        return eb_words_fill(eb_visit_text(v, EB_T_FILES_TOO_MANY), v->pool, "limit",
                             apr_itoa(v->pool, limits->count), NULL);
    for (int i = 0; i < all->nelts; i++)
        used += APR_ARRAY_IDX(all, i, eb_document_t).file.size;
    if (used <= limits->total)
        return NULL;
    return eb_words_fill(eb_visit_text(v, EB_T_FILES_TOO_LARGE), v->pool, "limit",
                         eb_megabytes(v->edition->pages, limits->total, v->pool), NULL);
}

const char **eb_files_ids(const apr_array_header_t *documents, apr_pool_t *pool)
{
    const char **ids = apr_pcalloc(pool, (documents->nelts + 1) * sizeof(*ids));

    for (int i = 0; i < documents->nelts; i++)
        ids[i] = APR_ARRAY_IDX(documents, i, eb_document_t).file.id;
    return ids;
}

void eb_files_name(eb_visit_t *v)
{
    const apr_array_header_t *all = eb_documents_list(&v->c, false);

    v->draft->files = eb_files_ids(all, v->pool);
    v->draft->files_count = all->nelts;
}

void eb_files_forget(eb_visit_t *v, const char *const *ids, int count)
{
    eb_problem_t *problem = NULL;

    if (count > 0 &&
        eb_uploads_delete(&v->drafts, v->draft, ids, count, &problem, v->pool) != APR_SUCCESS)
        eb_log_request(v->r, APLOG_WARNING, problem);
}

static const eb_control_t *first_upload(const eb_page_t *page)
{
    const eb_control_t *control = NULL;

    while ((control = eb_control_next(page, control)) != NULL)
        if (control->kind == EB_CONTROL_UPLOAD)
            break;
    return control;
}

bool eb_files_follow(eb_visit_t *v)
{
    const eb_node_t *field = first_upload(v->page)->node;
    apr_uint64_t before = eb_answers_row_digest(v->in, field, v->entry);
    eb_instance_t *in;

    if (eb_visit_reload(v) != APR_SUCCESS || v->draft->state != EB_DRAFT_EDITING ||
        eb_visit_decode(&in, v) != APR_SUCCESS)
        return false;
    v->in = in;
    v->c.in = in;
    return v->entry == EB_ROOT || eb_answers_row_digest(v->in, field, v->entry) == before;
}

/* As if its page had been asked for and had found the error. */
static int show_page_of(eb_visit_t *v, const eb_document_t *d, const char *why)
{
    eb_errors_t *errors = eb_errors_new(v->pool);

    v->page = eb_control_page(v->edition->form, d->node->control);
    v->step = v->page->step;
    v->entry = d->entry;
    v->c.entry = d->entry;
    v->digest = eb_answers_digest(v->in, v->page, v->entry);
    v->address = apr_pstrcat(v->pool, v->use->base, eb_way_here(v), NULL);
    eb_errors_add(errors, d->node, d->entry, 0, eb_incoming_refusal(v, d->file.name, why));
    v->errors = errors;
    return eb_step_draw(v, HTTP_UNPROCESSABLE_ENTITY);
}

int eb_files_drop(eb_visit_t *v, const eb_document_t *d, const char *why)
{
    eb_files_t files;
    int kept = 0;
    int rc;

    if (eb_files_parse(&files, eb_instance_get(v->in, d->node, d->entry), v->pool) != APR_SUCCESS)
        return eb_reply_notice(v, EB_NOTICE_RACE);
    for (int i = 0; i < files.count; i++)
        if (strcmp(files.list[i].id, d->file.id) != 0)
            files.list[kept++] = files.list[i];
    files.count = kept;
    eb_instance_set(v->in, d->node, d->entry, eb_files_text(&files, v->pool));
    rc = eb_visit_save(v);
    if (rc != EB_GO_ON)
        return rc;
    eb_files_forget(v, &d->file.id, 1);
    return show_page_of(v, d, why);
}
