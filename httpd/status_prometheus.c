/* The status as metrics, in Prometheus' text format 0.0.4: for each metric its help and type, then
 * all its samples. The label `spool` is there because two vhosts may describe one authority. */
#include "status.h"

/* A label's value: backslash, quote and line feed are escaped. */
static void label(eb_buf_t *out, const char *name, const char *value)
{
    eb_buf_printf(out, "%s=\"", name);
    for (const char *c = value; *c != '\0'; c++) {
        if (*c == '\\' || *c == '"')
            eb_buf_putc(out, '\\');
        if (*c == '\n')
            eb_buf_puts(out, "\\n");
        else
            eb_buf_putc(out, *c);
    }
    eb_buf_putc(out, '"');
}

static void head(eb_buf_t *out, const char *name, const char *type, const char *help)
{
    eb_buf_printf(out, "# HELP einbuergerung_%s %s\n# TYPE einbuergerung_%s %s\n", name, help, name,
                  type);
}

/* name{first="…" */
static void sample(eb_buf_t *out, const char *metric, const char *first, const char *value)
{
    eb_buf_printf(out, "einbuergerung_%s{", metric);
    label(out, first, value);
}

static void more(eb_buf_t *out, const char *name, const char *value)
{
    eb_buf_putc(out, ',');
    label(out, name, value);
}

static void number(eb_buf_t *out, double value)
{
    eb_buf_printf(out, "} %.0f\n", value);
}

/* --- outputs --- */

typedef double measure_t(const eb_status_output_t *output);

static double accepted(const eb_status_output_t *o)
{
    return (double)o->s.accepted;
}
static double delivered(const eb_status_output_t *o)
{
    return (double)o->s.delivered;
}
static double pending(const eb_status_output_t *o)
{
    return o->s.pending;
}
static double held(const eb_status_output_t *o)
{
    return o->s.held;
}
static double missing(const eb_status_output_t *o)
{
    return (double)o->s.missing;
}
static double oldest(const eb_status_output_t *o)
{
    return (double)apr_time_sec(o->age);
}
static double overdue(const eb_status_output_t *o)
{
    return o->overdue;
}
static double last_success(const eb_status_output_t *o)
{
    return (double)apr_time_sec(o->s.last_success);
}

static const struct {
    const char *name, *type, *help;
    measure_t *of;
} measures[] = {
    {"accepted_total", "counter", "Applications accepted.", accepted},
    {"delivered_total", "counter", "Applications delivered and confirmed by the receiver.",
     delivered},
    {"pending", "gauge", "Applications on their way.", pending},
    {"held", "gauge", "Applications that wait for a person to act.", held},
    {"missing", "gauge", "Applications that the journal knows and the outbox does not.", missing},
    {"oldest_undelivered_seconds", "gauge",
     "Age of the oldest application that is not delivered; 0 when all are.", oldest},
    {"overdue", "gauge",
     "1 when that is too old: an hour, or without a failure as long as receivers may take.",
     overdue},
    {"last_success_timestamp_seconds", "gauge",
     "When a receiver last confirmed one; 0 when the journal knows of none.", last_success},
};

static void begin_output(eb_buf_t *out, const char *metric, const eb_status_output_t *o)
{
    sample(out, metric, "authority", o->authority->id);
    more(out, "output", o->authority->transport->name);
    more(out, "spool", o->depot->folder);
}

static void put_outputs(eb_buf_t *out, const eb_status_t *status)
{
    const eb_status_output_t *o = (const eb_status_output_t *)status->outputs->elts;
    const int count = status->outputs->nelts;

    for (apr_size_t m = 0; m < sizeof(measures) / sizeof(measures[0]); m++) {
        head(out, measures[m].name, measures[m].type, measures[m].help);
        for (int i = 0; i < count; i++) {
            if (o[i].unread != NULL)
                continue; /* no number is better than a wrong one */
            begin_output(out, measures[m].name, &o[i]);
            number(out, measures[m].of(&o[i]));
        }
    }
    head(out, "failing", "gauge", "1 while the last failure of a delivery stands.");
    for (int i = 0; i < count; i++) {
        if (o[i].s.problem_id == NULL)
            continue;
        begin_output(out, "failing", &o[i]);
        more(out, "problem", o[i].s.problem_id);
        number(out, 1);
    }
}

/* --- the rest --- */

static void put_spools(eb_buf_t *out, const eb_status_t *status)
{
    static const struct {
        const char *name, *help;
    } metrics[] = {
        {"spool_open", "1 when applications can be put into the spool."},
        {"spool_free_bytes", "Room that is left for the spool."},
        {"spool_size_bytes", "Size of the spool's file system."},
        {"spool_free_inodes", "Inodes that are left for the spool."},
        {"spool_inodes", "Inodes of the spool's file system; 0 where it does not count them."},
    };

    for (int m = 0; m < 5; m++) {
        head(out, metrics[m].name, "gauge", metrics[m].help);
        for (int i = 0; i < status->spools->nelts; i++) {
            const eb_status_spool_t *s = &APR_ARRAY_IDX(status->spools, i, eb_status_spool_t);
            const double values[] = {s->open, (double)s->free, (double)s->size,
                                     (double)s->inodes_free, (double)s->inodes};

            sample(out, metrics[m].name, "spool", s->folder);
            number(out, values[m]);
        }
    }
}

static void put_redis(eb_buf_t *out, const eb_status_t *status)
{
    static const struct {
        const char *name, *help;
    } metrics[] = {
        {"redis_up", "1 when Redis answers."},
        {"redis_honest", "1 when Redis does not forget what it has confirmed."},
        {"redis_memory_used_bytes", "Memory that Redis uses."},
        {"redis_memory_limit_bytes", "Memory that Redis may use; 0 = no limit."},
    };

    for (int m = 0; m < 4; m++) {
        head(out, metrics[m].name, "gauge", metrics[m].help);
        for (int i = 0; i < status->redis->nelts; i++) {
            const eb_status_redis_t *r = &APR_ARRAY_IDX(status->redis, i, eb_status_redis_t);
            const double values[] = {r->s.connected, r->doubt == NULL, (double)r->s.used,
                                     (double)r->s.limit};

            if (m > 0 && !r->s.connected)
                continue;
            sample(out, metrics[m].name, "address", r->s.address);
            number(out, values[m]);
        }
    }
}

static void put_scanners(eb_buf_t *out, const eb_status_t *status)
{
    head(out, "scanner_up", "gauge", "1 when the malware scanner answers.");
    for (int i = 0; i < status->scanners->nelts; i++) {
        const eb_status_scanner_t *s = &APR_ARRAY_IDX(status->scanners, i, eb_status_scanner_t);

        sample(out, "scanner_up", "socket", s->socket);
        more(out, "required", s->required ? "yes" : "no");
        number(out, s->fault == NULL);
    }
}

static void put_keys(eb_buf_t *out, const eb_status_t *status)
{
    head(out, "keys", "gauge", "Keys in a key file.");
    for (int i = 0; i < status->keys->nelts; i++) {
        const eb_status_keys_t *k = &APR_ARRAY_IDX(status->keys, i, eb_status_keys_t);

        sample(out, "keys", "file", k->file);
        number(out, k->count);
    }
    head(out, "sealing_key_age_days", "gauge",
         "Age of the key that seals, where its name is a date.");
    for (int i = 0; i < status->keys->nelts; i++) {
        const eb_status_keys_t *k = &APR_ARRAY_IDX(status->keys, i, eb_status_keys_t);

        if (k->days < 0)
            continue;
        sample(out, "sealing_key_age_days", "file", k->file);
        number(out, k->days);
    }
}

/* The moment, since it is for Prometheus to say what is left at another. */
static void put_certificates(eb_buf_t *out, const eb_status_t *status)
{
    head(out, "certificate_expiry_timestamp_seconds", "gauge",
         "When the certificate, or list of revocations, in a file expires.");
    for (int i = 0; i < status->certificates->nelts; i++) {
        const eb_status_certificate_t *c =
            &APR_ARRAY_IDX(status->certificates, i, eb_status_certificate_t);

        sample(out, "certificate_expiry_timestamp_seconds", "file", c->use->file);
        more(out, "role", eb_certificate_role(c->use->role));
        number(out, (double)apr_time_sec(c->use->expiry.until));
    }
}

static void put_languages(eb_buf_t *out, const eb_status_t *status)
{
    head(out, "untranslated_texts", "gauge",
         "Texts that a language lacks, so that they are said in German.");
    for (int i = 0; i < status->languages->nelts; i++) {
        const eb_status_language_t *l = &APR_ARRAY_IDX(status->languages, i, eb_status_language_t);

        sample(out, "untranslated_texts", "language", l->code);
        more(out, "folder", l->share);
        number(out, l->missing);
    }
}

/* Every kind of reason, so that an alert can tell 0 from nothing. */
static void put_health(eb_buf_t *out, const eb_status_t *status)
{
    int counts[EB_REASON_COUNT] = {0};

    for (int i = 0; i < status->reasons->nelts; i++)
        counts[APR_ARRAY_IDX(status->reasons, i, eb_reason_t).kind]++;
    head(out, "healthy", "gauge", "1 when nobody has to act.");
    eb_buf_printf(out, "einbuergerung_healthy %d\n", status->reasons->nelts == 0);
    head(out, "unwell", "gauge", "How often each reason to act is given.");
    for (int kind = 0; kind < EB_REASON_COUNT; kind++) {
        sample(out, "unwell", "reason", eb_reason_name(kind));
        number(out, counts[kind]);
    }
}

void eb_status_prometheus(eb_buf_t *out, const eb_status_t *status)
{
    head(out, "info", "gauge", "The version of mod_einbuergerung.");
    sample(out, "info", "version", EB_VERSION);
    number(out, 1);
    put_health(out, status);
    put_outputs(out, status);
    put_spools(out, status);
    put_redis(out, status);
    put_scanners(out, status);
    put_keys(out, status);
    put_certificates(out, status);
    put_languages(out, status);
}
