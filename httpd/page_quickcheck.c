/* The Quick-Check: nobody is known, nothing is kept. No cookie is read or set, no draft and no
 * Redis is asked, and answers come by POST only, to one address, so that no log has them. What a
 * page was sent carries all answers; they go through the same door as everybody's, every time. */
#include "visit.h"

#include "page/quickcheck.h"

#define GET_ONLY "GET, HEAD"
#define GET_POST "GET, HEAD, POST"

static int draw_step(eb_visit_t *v, const eb_step_t *step, int status)
{
    eb_view_t view;
    eb_buf_t page;

    eb_view_fill(&view, v);
    eb_buf_init(&page, 1024, v->pool);
    eb_page_quickcheck_step(&page, &view, step->pages);
    return eb_reply_page(v, status, &page);
}

/* The step that a field names; NULL: none that there is, and is asked of this person. */
static const eb_step_t *named(const eb_visit_t *v, const char *field)
{
    const char *id = eb_params_get(&v->params, field, NULL);
    const eb_step_t *step = id != NULL ? eb_form_step(v->edition->form, id) : NULL;

    return step != NULL && eb_rules_step_relevant(step, &v->c) ? step : NULL;
}

/* The next step that is asked of this person; NULL: there is none. */
static const eb_step_t *after(const eb_visit_t *v, const eb_step_t *step)
{
    do
        step = eb_way_step_after(v->edition->form, step);
    while (step != NULL && !eb_rules_step_relevant(step, &v->c));
    return step;
}

/* Everything up to the step that was filled in must be right; what lies behind it comes later. */
static int go_on(eb_visit_t *v, const eb_step_t *filled)
{
    eb_errors_t *errors = eb_errors_new(v->pool);
    const eb_step_t *step = NULL;

    do {
        step = after(v, step);
        if (step == NULL)
            break;
        eb_rules_check_page(errors, step->pages, &v->c);
        if (errors->list->nelts > 0) {
            v->errors = errors;
            return draw_step(v, step, HTTP_UNPROCESSABLE_ENTITY);
        }
    } while (step != filled);
    step = step != NULL ? after(v, step) : NULL;
    return step != NULL ? draw_step(v, step, HTTP_OK)
                        : eb_reply_drawn(v, HTTP_OK, eb_page_quickcheck_result);
}

static int answer(eb_visit_t *v)
{
    const char *culprit;
    const eb_step_t *to;
    int rc = eb_post_read(v);

    if (rc != EB_GO_ON)
        return rc;
    if (eb_answers_take_all(v->in, &v->params, &v->c, &culprit) != EB_ANSWERS_OK)
        return eb_reply_notice(v, EB_NOTICE_BAD_FIELD);
    eb_rules_calculate(v->in, &v->c);
    to = named(v, eb_post_pressed(v, EB_BUTTON_LANGUAGE) ? EB_FIELD_STEP : EB_BUTTON_TO);
    if (to != NULL)
        return draw_step(v, to, HTTP_OK);
    if (eb_post_pressed(v, EB_BUTTON_LANGUAGE)) /* of the result */
        return go_on(v, NULL);
    to = named(v, EB_FIELD_STEP);
    return go_on(v, to != NULL ? to : after(v, NULL));
}

int eb_quickcheck(eb_visit_t *v, const char *path)
{
    bool start = *path == '\0';
    int rc;

    if (!start && strcmp(path, EB_QUICKCHECK_PATH) != 0)
        return eb_reply_notice(v, EB_NOTICE_NOT_FOUND);
    if (v->r->method_number == M_POST && !start)
        return answer(v);
    if (v->r->method_number != M_GET)
        return eb_reply_not_allowed(v, start ? GET_ONLY : GET_POST);
    rc = start ? eb_tongue_lead(v) : EB_GO_ON;
    if (rc != EB_GO_ON)
        return rc;
    return start ? eb_reply_drawn(v, HTTP_OK, eb_page_quickcheck_start)
                 : draw_step(v, after(v, NULL), HTTP_OK);
}
