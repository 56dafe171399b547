/* The status for people: what is wrong, then the authorities, those in trouble first, then what
 * they all need. Problems and remedies stand there as in the log and in conf/problems.md, in
 * English. */
#include "output.h"
#include "status.h"

#include "base/date.h"

#define ROWS_MAX 500 /* of 11,000 authorities nobody reads more */

#define HEAD                                                                                       \
    "<!DOCTYPE html><html lang='de'><head><meta charset='utf-8'/>"                                 \
    "<meta name='viewport' content='width=device-width, initial-scale=1'/>"                        \
    "<meta name='robots' content='noindex'/><title>"

static void cell(eb_buf_t *out, const char *text)
{
    eb_buf_puts(out, "<td class='kern-table__cell'>");
    eb_buf_html(out, text);
    eb_buf_puts(out, "</td>");
}

static void cell_number(eb_buf_t *out, apr_uint64_t n)
{
    eb_buf_printf(
        out, "<td class='kern-table__cell kern-table__cell--numeric'>%" APR_UINT64_T_FMT "</td>",
        n);
}

/* `columns` end with NULL. */
static void begin_table(eb_buf_t *out, const char *title, const char *const *columns)
{
    eb_buf_printf(out,
                  "<h2 class='kern-heading-medium'>%s</h2><div class='kern-table-responsive'>"
                  "<table class='kern-table kern-table--small'><thead><tr>",
                  title);
    for (; *columns != NULL; columns++)
        eb_buf_printf(out, "<th class='kern-table__header' scope='col'>%s</th>", *columns);
    eb_buf_puts(out, "</tr></thead><tbody class='kern-table__body'>");
}

static void end_table(eb_buf_t *out)
{
    eb_buf_puts(out, "</tbody></table></div>");
}

static const char *moment(apr_time_t time, apr_pool_t *p)
{
    const eb_local_t t = eb_local_time(time);

    if (time == 0)
        return "–";
    return apr_psprintf(p, "%s, %02d:%02d", eb_date_german(t.date, p), t.hour, t.minute);
}

static void put_problem(eb_buf_t *out, const char *id, const char *what, const char *remedy)
{
    eb_buf_puts(out, "<strong>");
    eb_buf_html(out, id);
    eb_buf_puts(out, "</strong> <span lang='en'>");
    eb_buf_html(out, what);
    eb_buf_puts(out, "<br/>");
    eb_buf_html(out, remedy);
    eb_buf_puts(out, "</span>");
}

static void cell_fault(eb_buf_t *out, const eb_problem_t *fault, const char *good)
{
    if (fault == NULL) {
        cell(out, good);
        return;
    }
    eb_buf_puts(out, "<td class='kern-table__cell'>");
    put_problem(out, fault->id, fault->what, fault->remedy);
    eb_buf_puts(out, "</td>");
}

/* --- the authorities --- */

static bool in_trouble(const eb_status_output_t *o)
{
    return o->unread != NULL || o->s.held > 0 || o->s.missing > 0 || o->s.problem_id != NULL ||
           o->overdue;
}

static void cell_problem(eb_buf_t *out, const eb_status_output_t *o, apr_pool_t *p)
{
    const eb_outbox_summary_t *s = &o->s;

    if (o->unread != NULL || s->problem_id == NULL) {
        cell_fault(out, o->unread, "–");
        return;
    }
    eb_buf_puts(out, "<td class='kern-table__cell'>");
    eb_buf_html(out, moment(s->problem_at, p));
    eb_buf_puts(out, ": ");
    put_problem(out, s->problem_id, s->problem, s->remedy);
    eb_buf_puts(out, "</td>");
}

static void put_output(eb_buf_t *out, const eb_status_output_t *o, apr_pool_t *p)
{
    const eb_authority_t *a = o->authority;

    eb_buf_puts(out, "<tr class='kern-table__row'>");
    cell(out, o->vhost);
    cell(out, apr_pstrcat(p, a->id, " ", a->name, NULL));
    cell(out, eb_output_text(a, p));
    cell_number(out, o->s.accepted);
    cell_number(out, o->s.delivered);
    cell_number(out, (apr_uint64_t)o->s.pending);
    cell_number(out, (apr_uint64_t)o->s.held);
    cell(out, o->age == 0 ? "–" : eb_status_duration(o->age, p));
    cell(out, moment(o->s.last_success, p));
    cell_problem(out, o, p);
    eb_buf_puts(out, "</tr>");
}

static void put_outputs(eb_buf_t *out, const eb_status_t *status)
{
    static const char *const columns[] = {"Website",
                                          "Behörde",
                                          "Ausgabe",
                                          "Angenommen",
                                          "Zugestellt",
                                          "Unterwegs",
                                          "Angehalten",
                                          "Ältester wartet seit",
                                          "Letzte Zustellung",
                                          "Letztes offenes Problem",
                                          NULL};
    const eb_status_output_t *o = (const eb_status_output_t *)status->outputs->elts;
    int shown = 0;

    begin_table(out, "Behörden", columns);
    for (int trouble = 1; trouble >= 0; trouble--)
        for (int i = 0; i < status->outputs->nelts && shown < ROWS_MAX; i++)
            if (in_trouble(&o[i]) == (trouble != 0)) {
                put_output(out, &o[i], status->pool);
                shown++;
            }
    end_table(out);
    if (shown < status->outputs->nelts)
        eb_buf_printf(out,
                      "<p class='kern-body'>Weitere %d Behörden: <code>?format=json</code></p>",
                      status->outputs->nelts - shown);
}

/* --- what they need --- */

static void put_spools(eb_buf_t *out, const eb_status_t *status)
{
    static const char *const columns[] = {"Ordner", "Offen", "Platz frei", "Inodes frei", NULL};
    apr_pool_t *p = status->pool;

    begin_table(out, "Ausgang", columns);
    for (int i = 0; i < status->spools->nelts; i++) {
        const eb_status_spool_t *s = &APR_ARRAY_IDX(status->spools, i, eb_status_spool_t);

        eb_buf_puts(out, "<tr class='kern-table__row'>");
        cell(out, s->folder);
        cell(out, s->open ? "ja" : "nein");
        cell(out, apr_psprintf(p, "%s von %s", eb_status_bytes(s->free, p),
                               eb_status_bytes(s->size, p)));
        if (s->inodes > 0)
            cell_number(out, s->inodes_free);
        else
            cell(out, "–");
        eb_buf_puts(out, "</tr>");
    }
    end_table(out);
}

static const char *memory(const eb_redis_state_t *s, apr_pool_t *p)
{
    return apr_pstrcat(p, eb_status_bytes(s->used, p), " von ",
                       s->limit > 0 ? eb_status_bytes(s->limit, p) : "unbegrenzt", NULL);
}

static void put_redis(eb_buf_t *out, const eb_status_t *status)
{
    static const char *const columns[] = {"Adresse",     "Erreichbar", "Version",
                                          "Rolle",       "Speicher",   "Append-only-Datei",
                                          "Verdrängung", "Zusage",     NULL};

    begin_table(out, "Redis", columns);
    for (int i = 0; i < status->redis->nelts; i++) {
        const eb_status_redis_t *r = &APR_ARRAY_IDX(status->redis, i, eb_status_redis_t);
        const eb_redis_state_t *s = &r->s;

        eb_buf_puts(out, "<tr class='kern-table__row'>");
        cell(out, s->address);
        cell_fault(out, s->connected ? NULL : s->fault, s->connected ? "ja" : "nein");
        cell(out, s->connected ? s->version : "–");
        cell(out, s->connected ? s->role : "–");
        cell(out, s->connected ? memory(s, status->pool) : "–");
        cell(out, !s->connected ? "–" : !s->aof ? "aus" : s->aof_written ? "an" : "gestört");
        cell(out, s->connected ? s->eviction : "–");
        cell_fault(out, r->doubt, s->connected ? "verlässlich" : "–");
        eb_buf_puts(out, "</tr>");
    }
    end_table(out);
}

static void put_scanners(eb_buf_t *out, const eb_status_t *status)
{
    static const char *const columns[] = {"Socket", "Vorgeschrieben", "Antwortet", NULL};

    if (status->scanners->nelts == 0)
        return;
    begin_table(out, "Virenscanner", columns);
    for (int i = 0; i < status->scanners->nelts; i++) {
        const eb_status_scanner_t *s = &APR_ARRAY_IDX(status->scanners, i, eb_status_scanner_t);

        eb_buf_puts(out, "<tr class='kern-table__row'>");
        cell(out, s->socket);
        cell(out, s->required ? "ja" : "nein");
        cell_fault(out, s->fault, "ja");
        eb_buf_puts(out, "</tr>");
    }
    end_table(out);
}

static void put_keys(eb_buf_t *out, const eb_status_t *status)
{
    static const char *const columns[] = {"Datei", "Versiegelt mit", "Alter", "Öffnet auch mit",
                                          NULL};

    begin_table(out, "Schlüssel", columns);
    for (int i = 0; i < status->keys->nelts; i++) {
        const eb_status_keys_t *k = &APR_ARRAY_IDX(status->keys, i, eb_status_keys_t);

        eb_buf_puts(out, "<tr class='kern-table__row'>");
        cell(out, k->file);
        cell(out, k->sealing);
        cell(out, k->days < 0 ? "–" : apr_psprintf(status->pool, "%d Tage", k->days));
        cell(out, *k->others != '\0' ? k->others : "–");
        eb_buf_puts(out, "</tr>");
    }
    end_table(out);
}

static void put_certificate(eb_buf_t *out, const eb_status_certificate_t *c, apr_pool_t *p)
{
    static const char *const roles[EB_CERTIFICATE_ROLES] = {
        [EB_CERTIFICATE_OWN] = "Unser Zertifikat",
        [EB_CERTIFICATE_READER] = "Verschlüsseln",
        [EB_CERTIFICATE_TRUST] = "Vertrauen",
        [EB_CERTIFICATE_REVOKED] = "Sperrliste",
    };

    eb_buf_puts(out, "<tr class='kern-table__row'>");
    cell(out, roles[c->use->role]);
    cell(out, eb_certificate_user(c->use, p));
    cell(out, c->use->file);
    cell(out, c->use->expiry.name);
    cell(out, moment(c->use->expiry.until, p));
    cell_fault(out, c->fault, apr_psprintf(p, "noch %d Tage", c->days));
    eb_buf_puts(out, "</tr>");
}

static void put_certificates(eb_buf_t *out, const eb_status_t *status)
{
    static const char *const columns[] = {"Wofür",      "Verwendet von", "Datei", "Name",
                                          "Gültig bis", "Zustand",       NULL};
    const eb_status_certificate_t *c = (const eb_status_certificate_t *)status->certificates->elts;
    int shown = 0;

    if (status->certificates->nelts == 0)
        return;
    begin_table(out, "Zertifikate", columns);
    for (int fault = 1; fault >= 0; fault--)
        for (int i = 0; i < status->certificates->nelts && shown < ROWS_MAX; i++)
            if ((c[i].fault != NULL) == (fault != 0)) {
                put_certificate(out, &c[i], status->pool);
                shown++;
            }
    end_table(out);
}

static void put_languages(eb_buf_t *out, const eb_status_t *status)
{
    static const char *const columns[] = {"Sprache", "Texte", "Davon auf Deutsch", "Ordner", NULL};

    if (status->languages->nelts == 0)
        return;
    begin_table(out, "Übersetzungen", columns);
    for (int i = 0; i < status->languages->nelts; i++) {
        const eb_status_language_t *l = &APR_ARRAY_IDX(status->languages, i, eb_status_language_t);

        eb_buf_printf(out, "<tr class='kern-table__row'><td class='kern-table__cell'>%s: <bdi>",
                      l->code);
        eb_buf_html(out, l->name);
        eb_buf_puts(out, "</bdi></td>");
        cell_number(out, (apr_uint64_t)l->texts);
        cell_number(out, (apr_uint64_t)l->missing);
        cell(out, l->share);
        eb_buf_puts(out, "</tr>");
    }
    end_table(out);
}

static void put_reasons(eb_buf_t *out, const eb_status_t *status)
{
    const bool well = status->reasons->nelts == 0;

    eb_buf_printf(out,
                  "<div class='kern-alert kern-alert--%s' role='status'>"
                  "<div class='kern-alert__header'><span class='kern-icon kern-icon--%s' "
                  "aria-hidden='true'></span><h2 class='kern-title'>%s</h2></div>",
                  well ? "success" : "danger", well ? "success" : "danger",
                  well ? "Alles in Ordnung" : "Bitte eingreifen");
    if (!well)
        eb_buf_puts(out, "<div class='kern-alert__body'><ul class='kern-list kern-list--bullet'>");
    for (int i = 0; i < status->reasons->nelts && i < ROWS_MAX; i++) {
        eb_buf_puts(out, "<li>");
        eb_buf_html(
            out, eb_reason_german(&APR_ARRAY_IDX(status->reasons, i, eb_reason_t), status->pool));
        eb_buf_puts(out, "</li>");
    }
    eb_buf_puts(out, well ? "</div>" : "</ul></div></div>");
}

static void put_sheet(eb_buf_t *out, const char *assets, const char *name)
{
    eb_buf_puts(out, "<link rel='stylesheet' href='");
    eb_buf_html(out, assets);
    eb_buf_printf(out, "/%s'/>", name);
}

void eb_status_html(eb_buf_t *out, const eb_status_t *status, const char *assets)
{
    eb_buf_puts(out, HEAD);
    eb_buf_puts(out, status->reasons->nelts == 0 ? "In Ordnung" : "Bitte eingreifen");
    eb_buf_puts(out, " – Zustand des Antragsdienstes</title>");
    if (assets != NULL) {
        put_sheet(out, assets, "fonts.css");
        put_sheet(out, assets, "kern.min.css");
        put_sheet(out, assets, "app.css");
    }
    eb_buf_puts(out, "</head><body><main class='kern-container-fluid'>"
                     "<h1 class='kern-heading-large'>Zustand des Antragsdienstes</h1>");
    put_reasons(out, status);
    put_outputs(out, status);
    put_spools(out, status);
    put_redis(out, status);
    put_scanners(out, status);
    put_keys(out, status);
    put_certificates(out, status);
    put_languages(out, status);
    eb_buf_printf(out,
                  "<p class='kern-body'>mod_einbuergerung %s, Stand %s. Für Programme: "
                  "<code>?format=json</code>, <code>?format=prometheus</code>, "
                  "<code>?format=health</code></p></main></body></html>\n",
                  EB_VERSION, eb_local_iso(status->now, status->pool));
}
