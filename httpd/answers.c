/* At start: who answers where. */
#include "answers.h"

#include "delivery/replies.h"
#include "output.h"
#include "xta.h"

#define EVERY apr_time_from_sec(5 * 60)

static const eb_output_kind_t kind = {.name = "replies", .place = "mailbox"};

static const char *name_of(const eb_xta_settings_t *s, apr_pool_t *p)
{
    return apr_pstrcat(p, s->author.id, " ", s->msgbox_url, NULL);
}

static bool load_rules(const eb_reply_rules_t **rules, eb_check_t *c, const eb_authority_t *a)
{
    const char *xsd = a->reply_xsd != NULL ? a->reply_xsd
                      : a->xsd != NULL     ? a->xsd
                                           : apr_pstrcat(c->start->pool, eb_server_share(c->server),
                                                         "/schemas/message/antwort.xsd", NULL);

    if (eb_load_reply_rules(rules, c->start->loader, xsd, a->catalog, &c->problem) == APR_SUCCESS)
        return true;
    return eb_check_blame(c, a->message_at != NULL ? a->message_at : a->at);
}

bool eb_answers_prepare(eb_check_t *c, eb_authority_t *a)
{
    apr_pool_t *p = c->start->pool;
    const eb_reply_rules_t *rules;
    eb_authority_t *part;

    if (a->xta == NULL || a->xta->settings.msgbox_url == NULL)
        return true;
    if (!load_rules(&rules, c, a))
        return false;
    part = apr_pcalloc(p, sizeof(*part));
    part->id = eb_replies_part(a->id, p);
    part->ags = a->ags;
    part->at = a->at;
    part->name = apr_pstrcat(p, a->name, " (Rückmeldungen)", NULL);
    part->output = name_of(&a->xta->settings, p);
    part->output_at = a->xta_at;
    part->kind = &kind;
    part->of = a;
    part->transport = apr_pcalloc(p, sizeof(*part->transport));
    eb_replies_transport(part->transport, rules);
    a->replies = part;
    return true;
}

static eb_mailbox_use_t *use_of(eb_start_t *start, const eb_authority_t *a)
{
    eb_mailbox_use_t *use;

    for (int i = 0; i < start->mailboxes->nelts; i++) {
        use = APR_ARRAY_IDX(start->mailboxes, i, eb_mailbox_use_t *);
        if (strcmp(use->name, a->replies->output) == 0)
            return use;
    }
    use = apr_pcalloc(start->pool, sizeof(*use));
    use->name = a->replies->output;
    use->way = a->transport;
    use->writers = apr_array_make(start->pool, 1, sizeof(eb_writer_t));
    APR_ARRAY_PUSH(start->mailboxes, eb_mailbox_use_t *) = use;
    return use;
}

/* Of several settings for one mailbox the shortest interval counts, and the more careful word. */
void eb_answers_collect(eb_check_t *c, const eb_authority_t *a)
{
    eb_mailbox_use_t *use = use_of(c->start, a);
    const apr_interval_time_t every = a->xta->fetch != 0 ? a->xta->fetch : EVERY;

    if (use->every == 0 || every < use->every)
        use->every = every;
    use->leave = use->leave || a->xta->leave;
    *(eb_writer_t *)apr_array_push(use->writers) = (eb_writer_t){c->server->depot, a};
}
