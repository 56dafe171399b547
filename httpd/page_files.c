/* A page that asks for documents. Its files are in the answers by the time its fields are looked
 * at, so that here only the rest is decided: what is promised for later, the files' order, and
 * where the applicant goes next; and the removal of a file. */
#include "visit.h"

#include "store/upload.h"

/* A file of this page: its control, and what was answered there. */
static const eb_control_t *find_file(eb_files_t *files, int *place, const eb_visit_t *v,
                                     const char *id)
{
    const eb_control_t *control = NULL;

    while ((control = eb_control_next(v->page, control)) != NULL) {
        if (control->kind != EB_CONTROL_UPLOAD ||
            eb_files_parse(files, eb_instance_get(v->in, control->node, v->entry), v->pool) !=
                APR_SUCCESS)
            continue;
        for (*place = 0; *place < files->count; ++*place)
            if (strcmp(files->list[*place].id, id) == 0)
                return control;
    }
    return NULL;
}

/* --- order --- */

/* The id behind a pressed "nach oben", or NULL. */
static const char *moved(const eb_visit_t *v)
{
    const apr_size_t len = strlen(EB_BUTTON_UP);

    for (int i = 0; i < v->params.count; i++)
        if (strncmp(v->params.list[i].name, EB_BUTTON_UP, len) == 0)
            return v->params.list[i].name + len;
    return NULL;
}

/* A file that has gone meanwhile has no place to be moved from: nothing changes. */
static void move_up(eb_visit_t *v, const char *id)
{
    eb_files_t files;
    int place;
    const eb_control_t *control = find_file(&files, &place, v, id);

    if (control == NULL || place == 0)
        return;
    eb_file_t file = files.list[place];
    files.list[place] = files.list[place - 1];
    files.list[place - 1] = file;
    eb_instance_set(v->in, control->node, v->entry, eb_files_text(&files, v->pool));
}

/* --- the page --- */

/* What the fields say, onto the present answers. `done`: the applicant wants to go on, which the
 * page's rules must allow; what they object to is told in it. */
static int apply(eb_visit_t *v, const char *up, eb_errors_t *done)
{
    const char *culprit;

    if (eb_answers_take(v->in, v->page, &v->params, &v->c, &culprit) != EB_ANSWERS_OK)
        return eb_reply_notice(v, EB_NOTICE_BAD_FIELD);
    if (up != NULL)
        move_up(v, up);
    if (done != NULL) {
        apr_array_clear(done->list);
        eb_rules_check_page(done, v->page, &v->c);
        if (done->list->nelts == 0 && v->entry == EB_ROOT)
            eb_instance_set_seen(v->in, v->step, true);
    }
    eb_rules_calculate(v->in, &v->c);
    return EB_GO_ON;
}

/* Stores it, after whoever is faster: other windows may be adding files. */
static int settle(eb_visit_t *v, const char *up, eb_errors_t *done)
{
    eb_problem_t *problem = NULL;
    apr_status_t rv = APR_EEXIST;

    for (int i = 0; i < EB_FILES_TRIES && rv == APR_EEXIST; i++) {
        if (i > 0 && !eb_files_follow(v))
            return eb_reply_notice(v, EB_NOTICE_RACE);
        int rc = apply(v, up, done);
        if (rc != EB_GO_ON)
            return rc;
        rv = eb_visit_changed(v) ? eb_visit_store(v, &problem) : APR_SUCCESS;
    }
    return rv == APR_SUCCESS ? EB_GO_ON : eb_visit_not_stored(v, rv, problem);
}

/* A button that leaves, or stays: NULL for the one that goes on. */
static const char *elsewhere(const eb_visit_t *v, const char *up)
{
    if (up != NULL || eb_post_pressed(v, EB_BUTTON_UPLOAD) ||
        eb_post_pressed(v, EB_BUTTON_LANGUAGE))
        return eb_way_here(v);
    if (eb_post_pressed(v, EB_BUTTON_BACK))
        return eb_way_back(v);
    return eb_post_pressed(v, EB_BUTTON_PAUSE) ? "/unterbrechen" : NULL;
}

static int open_files(eb_visit_t *v)
{
    int rc = eb_visit_editing(v);

    if (rc != EB_GO_ON)
        return rc;
    if (v->draft == NULL)
        return eb_reply_notice(v, EB_NOTICE_NO_DRAFT);
    if (!v->page->uploads)
        return eb_reply_notice(v, EB_NOTICE_MEDIA_TYPE);
    rc = eb_step_open(v);
    if (rc == EB_GO_ON && v->fresh) /* an entry is stored with its answers before its files */
        return eb_reply_notice(v, EB_NOTICE_NOT_FOUND);
    return rc == EB_GO_ON && v->sending ? eb_reply_notice(v, EB_NOTICE_RACE) : rc;
}

/* Refused files keep the applicant here, whatever was pressed. */
int eb_post_files(eb_visit_t *v)
{
    eb_errors_t *refused = eb_errors_new(v->pool), *done = eb_errors_new(v->pool);
    const char *up, *path;
    int rc;

    if (!eb_origin_ours(v))
        return eb_reply_notice(v, EB_NOTICE_FOREIGN);
    rc = open_files(v);
    if (rc == EB_GO_ON)
        rc = eb_receive(v, refused);
    if (rc != EB_GO_ON)
        return rc;
    up = moved(v);
    path = elsewhere(v, up);
    rc = settle(v, up, path == NULL && refused->list->nelts == 0 ? done : NULL);
    if (rc != EB_GO_ON)
        return rc;
    v->errors = refused->list->nelts > 0 ? refused : done;
    if (v->errors->list->nelts > 0)
        return eb_step_draw(v, HTTP_UNPROCESSABLE_ENTITY);
    v->errors = NULL;
    return eb_reply_see_other(v, path != NULL ? path : eb_way_next(v));
}

/* --- removing a file --- */

typedef struct removal_t {
    const eb_control_t *control;
    eb_files_t files;
    int place;
} removal_t;

static int draw_file(eb_visit_t *v, const removal_t *removal, int status)
{
    eb_view_t view;
    eb_buf_t page;

    eb_view_fill(&view, v);
    eb_buf_init(&page, 8 * 1024, v->pool);
    eb_page_file(&page, &view, v->page, removal->control, &removal->files.list[removal->place]);
    return eb_reply_page(v, status, &page);
}

static int open_file(eb_visit_t *v, removal_t *removal)
{
    int rc = open_files(v);

    if (rc != EB_GO_ON)
        return rc;
    removal->control = find_file(&removal->files, &removal->place, v, v->file);
    return removal->control != NULL ? EB_GO_ON : eb_reply_notice(v, EB_NOTICE_NOT_FOUND);
}

int eb_get_file(eb_visit_t *v)
{
    removal_t removal;
    int rc = open_file(v, &removal);

    return rc != EB_GO_ON ? rc : draw_file(v, &removal, HTTP_OK);
}

static int remove_file(eb_visit_t *v, const removal_t *removal)
{
    eb_files_t files = removal->files;
    const char *id = files.list[removal->place].id;
    int rc;

    files.count--;
    for (int i = removal->place; i < files.count; i++)
        files.list[i] = files.list[i + 1];
    eb_instance_set(v->in, removal->control->node, v->entry, eb_files_text(&files, v->pool));
    rc = eb_visit_save(v);
    if (rc != EB_GO_ON)
        return rc;
    eb_files_forget(v, &id, 1);
    return eb_reply_see_other(v, eb_way_here(v));
}

int eb_post_file(eb_visit_t *v)
{
    removal_t removal;
    int rc = eb_post_read(v);

    if (rc == EB_GO_ON)
        rc = open_file(v, &removal);
    if (rc != EB_GO_ON)
        return rc;
    switch (eb_post_ticket(v)) {
    case EB_TICKET_FOREIGN: return eb_reply_notice(v, EB_NOTICE_FOREIGN);
    case EB_TICKET_STALE: v->stale = true; return draw_file(v, &removal, HTTP_UNPROCESSABLE_ENTITY);
    case EB_TICKET_GOOD: break;
    }
    return remove_file(v, &removal);
}
