/* In the workers: each mailbox is asked when it is time, by whichever worker is free. Nothing keeps
 * another child, or another host, from asking at the same time; what both fetch is kept once
 * (delivery/replies.h). */
#include "answers.h"

#include "delivery/replies.h"
#include "xta.h"

#define AGAIN  apr_time_from_sec(5 * 60) /* after a failure, at the latest */
#define FUTURE apr_time_from_sec(60)     /* beyond the interval: the clock was set back */

typedef struct errand_t {
    const eb_mailbox_use_t *use;
    const eb_answers_help_t *help;
    eb_replies_office_t office;
    eb_job_t about; /* for whoever is told of failures */
    apr_time_t next;
} errand_t;

static eb_served_t tell(errand_t *e, apr_status_t rv, const eb_problem_t *problem)
{
    if (APR_STATUS_IS_EINTR(rv)) {
        e->next = 0;
        return EB_SERVED_NOTHING;
    }
    e->help->report(e->help->baton, &e->about, rv != APR_SUCCESS ? problem : NULL);
    if (rv == APR_SUCCESS)
        return EB_SERVED;
    if (e->use->every > AGAIN)
        e->next = e->office.now + AGAIN;
    return EB_SERVED_AWAY;
}

static eb_served_t fetch(void *baton, apr_time_t now, apr_pool_t *pool)
{
    errand_t *e = baton;
    const eb_mailbox_t mailbox = {eb_replies_take, &e->office};
    const eb_stop_t stop = {e->help->stop, e->help->baton};
    eb_problem_t *problem = NULL;
    apr_status_t rv;
    int taken;

    if (now < e->next && e->next <= now + e->use->every + FUTURE)
        return EB_SERVED_NOTHING;
    e->next = now + e->use->every;
    e->office.now = now;
    rv = eb_xta_fetch(&taken, e->use->way, &mailbox, &stop, &problem, pool);
    if (rv != APR_SUCCESS && !APR_STATUS_IS_EINTR(rv) && problem == NULL)
        eb_problem_set(&problem, EB_P_XTA_MAIL, rv, NULL, pool, "The mailbox %s was not read",
                       e->use->name);
    return tell(e, rv, problem);
}

/* Without its outbox an authority's answers stay where they are. */
static int open_desks(eb_replies_desk_t *desks, const errand_t *e)
{
    int count = 0;

    for (int i = 0; i < e->use->writers->nelts; i++) {
        const eb_writer_t *w = &APR_ARRAY_IDX(e->use->writers, i, eb_writer_t);
        eb_outbox_t *box = e->help->box(e->help->baton, w->depot);

        if (box != NULL)
            desks[count++] = (eb_replies_desk_t){.authority = w->authority->id,
                                                 .part = w->authority->replies->id,
                                                 .author = w->authority->xta->settings.reader.id,
                                                 .test = w->authority->xta->settings.test,
                                                 .box = box};
    }
    return count;
}

apr_array_header_t *eb_answers_errands(const eb_start_t *start, const eb_answers_help_t *help,
                                       apr_pool_t *pool)
{
    const int count = start->mailboxes->nelts;
    apr_array_header_t *list = apr_array_make(pool, count + 1, sizeof(eb_errand_t));

    for (int i = 0; i < count; i++) {
        errand_t *e = apr_pcalloc(pool, sizeof(*e));
        eb_replies_desk_t *desks;

        e->use = APR_ARRAY_IDX(start->mailboxes, i, eb_mailbox_use_t *);
        e->help = help;
        desks = apr_pcalloc(pool, e->use->writers->nelts * sizeof(*desks));
        e->office = (eb_replies_office_t){desks, open_desks(desks, e), e->use->leave, 0};
        if (e->office.count == 0)
            continue;
        e->about.authority = desks[0].part;
        *(eb_errand_t *)apr_array_push(list) = (eb_errand_t){fetch, e};
    }
    return list;
}
