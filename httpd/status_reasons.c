/* What makes the service unwell: everything that keeps an application from being accepted, or an
 * accepted one from arriving, and that a person has to do something about. The limits are
 * constants: a threshold that can be set is set so high that it is silent. */
#include "status.h"

#define ROOM_BYTES   (100 * 1024 * 1024)
#define ROOM_PERCENT 5

/* The first %s is the subject, the second the detail. */
static const struct {
    const char *name, *english, *german;
} kinds[EB_REASON_COUNT] = {
    [EB_REASON_HELD] = {"held", "authority %s: %s held, waiting for a person to act",
                        "Behörde %s: angehalten sind %s; jemand muss eingreifen"},
    [EB_REASON_OLD] = {"old", "authority %s: the oldest undelivered application is %s old",
                       "Behörde %s: Der älteste nicht zugestellte Antrag wartet seit %s"},
    [EB_REASON_MISSING] = {"missing",
                           "authority %s: %s accepted, and neither waiting nor delivered",
                           "Behörde %s: %s wurden laut Journal angenommen und sind weder im "
                           "Ausgang noch zugestellt"},
    [EB_REASON_LEFT] = {"left",
                        "authority %s: nothing is delivered any more from its former outbox %s",
                        "Behörde %s: Aus dem früheren Ausgang wird nichts mehr zugestellt: %s"},
    [EB_REASON_UNREAD] = {"unread", "authority %s: the outbox cannot be read: %s",
                          "Behörde %s: Der Ausgang ist nicht lesbar: %s"},
    [EB_REASON_SPOOL] = {"spool", "spool %s is not open, so that nothing is accepted%s",
                         "Ausgang %s ist nicht offen; Anträge werden nicht angenommen%s"},
    [EB_REASON_ROOM] = {"room", "spool %s has only %s left", "Ausgang %s hat nur noch %s frei"},
    [EB_REASON_REDIS] = {"redis", "Redis %s is not reachable: %s",
                         "Redis %s ist nicht erreichbar: %s"},
    [EB_REASON_DOUBT] =
        {"doubt", "Redis %s is the outbox and may forget, so that nothing is accepted: %s",
         "Redis %s ist der Ausgang und könnte etwas vergessen; Anträge werden nicht "
         "angenommen: %s"},
    [EB_REASON_SCANNER] = {"scanner", "scanner %s is required and does not answer: %s",
                           "Virenscanner %s ist vorgeschrieben und antwortet nicht: %s"},
    [EB_REASON_CERTIFICATE] = {"certificate", "file %s: %s", "Datei %s: %s"},
};

const char *eb_reason_name(eb_reason_kind_t kind)
{
    return kinds[kind].name;
}

const char *eb_reason_text(const eb_reason_t *reason, apr_pool_t *pool)
{
    eb_buf_t text;

    eb_buf_init(&text, 256, pool);
    eb_buf_printf(&text, kinds[reason->kind].english, reason->subject, reason->detail);
    return eb_buf_cstr(&text);
}

const char *eb_reason_german(const eb_reason_t *reason, apr_pool_t *pool)
{
    eb_buf_t text;

    eb_buf_init(&text, 256, pool);
    eb_buf_printf(&text, kinds[reason->kind].german, reason->subject, reason->detail);
    return eb_buf_cstr(&text);
}

const char *eb_status_duration(apr_time_t span, apr_pool_t *pool)
{
    const int minutes = (int)(apr_time_sec(span) / 60), hours = minutes / 60;

    if (minutes < 1)
        return apr_psprintf(pool, "%d s", (int)apr_time_sec(span));
    if (hours < 1)
        return apr_psprintf(pool, "%d min", minutes);
    if (hours < 24)
        return apr_psprintf(pool, "%d h %d min", hours, minutes % 60);
    return apr_psprintf(pool, "%d d %d h", hours / 24, hours % 24);
}

const char *eb_status_bytes(apr_uint64_t bytes, apr_pool_t *pool)
{
    static const char *const units[] = {"kB", "MB", "GB", "TB"};
    double value = (double)bytes / 1024;
    int unit = 0;

    while (value >= 1024 && unit < 3) {
        value /= 1024;
        unit++;
    }
    return apr_psprintf(pool, value < 10 ? "%.1f %s" : "%.0f %s", value, units[unit]);
}

static void push(eb_status_t *status, eb_reason_kind_t kind, const char *subject,
                 const char *detail)
{
    eb_reason_t *reason = apr_array_push(status->reasons);
    *reason = (eb_reason_t){kind, subject, detail};
}

static const char *count(apr_uint64_t n, apr_pool_t *p)
{
    return apr_psprintf(p, "%" APR_UINT64_T_FMT, n);
}

/* *told: what was the matter with the output before; one Redis may fail thousands at once. */
static void judge_output(eb_status_t *status, const eb_status_output_t *output,
                         const eb_problem_t **told)
{
    const char *id = output->authority->id;
    apr_pool_t *p = status->pool;

    if (output->unread != NULL && output->unread != *told && output->depot->box != NULL)
        push(status, EB_REASON_UNREAD, id, eb_problem_text(output->unread, p));
    *told = output->unread;
    if (output->s.held > 0 && output->authority->of == NULL) /* answers to be read are no illness */
        push(status, EB_REASON_HELD, id, count((apr_uint64_t)output->s.held, p));
    if (output->overdue)
        push(status, EB_REASON_OLD, id, eb_status_duration(output->age, p));
    if (output->s.missing > 0)
        push(status, EB_REASON_MISSING, id, count(output->s.missing, p));
}

static void judge_left(eb_status_t *status, const eb_status_left_t *left)
{
    if (left->count > 0)
        push(status, EB_REASON_LEFT, left->authority,
             apr_psprintf(status->pool, "%s (%d)", left->folder, left->count));
}

static void judge_spool(eb_status_t *status, const eb_status_spool_t *spool)
{
    apr_pool_t *p = status->pool;

    if (!spool->open) {
        push(status, EB_REASON_SPOOL, spool->folder, "");
        return;
    }
    if (spool->free < ROOM_BYTES || spool->free < spool->size / 100 * ROOM_PERCENT)
        push(status, EB_REASON_ROOM, spool->folder, eb_status_bytes(spool->free, p));
    if (spool->inodes_free < spool->inodes / 100 * ROOM_PERCENT)
        push(status, EB_REASON_ROOM, spool->folder,
             apr_pstrcat(p, count(spool->inodes_free, p), " inodes", NULL));
}

void eb_status_reasons(eb_status_t *status)
{
    const eb_problem_t *told = NULL;

    for (int i = 0; i < status->outputs->nelts; i++)
        judge_output(status, &APR_ARRAY_IDX(status->outputs, i, eb_status_output_t), &told);
    for (int i = 0; i < status->left->nelts; i++)
        judge_left(status, &APR_ARRAY_IDX(status->left, i, eb_status_left_t));
    for (int i = 0; i < status->spools->nelts; i++)
        judge_spool(status, &APR_ARRAY_IDX(status->spools, i, eb_status_spool_t));
    for (int i = 0; i < status->redis->nelts; i++) {
        const eb_status_redis_t *redis = &APR_ARRAY_IDX(status->redis, i, eb_status_redis_t);
        const eb_redis_state_t *s = &redis->s;

        if (!s->connected)
            push(status, EB_REASON_REDIS, s->address, s->fault != NULL ? s->fault->what : "");
        else if (redis->outbox && redis->doubt != NULL)
            push(status, EB_REASON_DOUBT, s->address, redis->doubt->what);
    }
    for (int i = 0; i < status->scanners->nelts; i++) {
        const eb_status_scanner_t *s = &APR_ARRAY_IDX(status->scanners, i, eb_status_scanner_t);

        if (s->required && s->fault != NULL)
            push(status, EB_REASON_SCANNER, s->socket, s->fault->what);
    }
    for (int i = 0; i < status->certificates->nelts; i++) {
        const eb_status_certificate_t *c =
            &APR_ARRAY_IDX(status->certificates, i, eb_status_certificate_t);

        if (!c->valid)
            push(status, EB_REASON_CERTIFICATE, c->use->file, c->fault->what);
    }
}
