/* Asking everything how it stands. What is asked is cheap, or remembered for some seconds by
 * whoever answers; a Redis that does not answer costs its time-out.
 *
 * Drafts are not counted: only a walk through all of Redis could, and a key's name does not say
 * whose it is. */
#include "languages.h"
#include "output.h"
#include "status.h"

#include "base/date.h"
#include "delivery/overdue.h"

#include <http_main.h>
#include <sys/statvfs.h>

/* --- outputs --- */

static void name_vhost(apr_hash_t *names, const eb_authority_t *a, const char *vhost)
{
    const eb_authority_t **key = apr_palloc(apr_hash_pool_get(names), sizeof(*key));

    *key = a;
    apr_hash_set(names, key, sizeof(*key), vhost);
}

/* Which vhost describes an authority: authority -> its name. */
static apr_hash_t *vhosts_of(apr_pool_t *p)
{
    apr_hash_t *names = apr_hash_make(p);

    for (const server_rec *s = ap_server_conf; s != NULL; s = s->next) {
        const eb_server_t *server = eb_server_of(s);

        if (server->authorities == NULL ||
            (server->outer != NULL && server->outer->authorities == server->authorities))
            continue;
        for (apr_hash_index_t *i = apr_hash_first(p, server->authorities); i != NULL;
             i = apr_hash_next(i)) {
            const eb_authority_t *a = apr_hash_this_val(i);
            const char *vhost = s->server_hostname != NULL ? s->server_hostname : "";

            name_vhost(names, a, vhost);
            if (a->replies != NULL)
                name_vhost(names, a->replies, vhost);
        }
    }
    return names;
}

static eb_problem_t *read_summary(eb_status_output_t *output, const eb_status_t *status)
{
    eb_outbox_t *box = output->depot->box;
    eb_problem_t *problem = NULL;

    if (box == NULL)
        eb_problem_set(&problem, EB_P_OUTBOX_CLOSED, APR_EGENERAL, NULL, status->pool,
                       "The outbox %s is not open", output->depot->folder);
    else if (box->engine->summary(&output->s, box, output->authority->id, status->now, &problem,
                                  status->pool) == APR_SUCCESS)
        return NULL;
    return problem;
}

/* `down`: what has just failed in the same Redis, which nobody needs to wait for again. */
static void read_output(eb_status_output_t *output, eb_problem_t *down, const eb_status_t *status)
{
    output->unread = down != NULL ? down : read_summary(output, status);
    if (output->unread != NULL)
        memset(&output->s, 0, sizeof(output->s));
    if (output->s.oldest != 0 && output->s.oldest < status->now)
        output->age = status->now - output->s.oldest;
    output->overdue = eb_outbox_overdue(&output->s, output->authority->kind->name, status->now);
}

/* Sums are of applications. */
static void add(eb_status_t *status, const eb_status_output_t *output)
{
    eb_outbox_summary_t *total = &status->total;

    if (output->authority->of != NULL)
        return;
    total->accepted += output->s.accepted;
    total->delivered += output->s.delivered;
    total->pending += output->s.pending;
    total->held += output->s.held;
    total->missing += output->s.missing;
    if (output->s.last_success > total->last_success)
        total->last_success = output->s.last_success;
    if (output->age > status->age) {
        status->age = output->age;
        total->oldest = output->s.oldest;
    }
}

static int by_name(const void *x, const void *y)
{
    const eb_status_output_t *a = x, *b = y;
    int order = strcmp(a->vhost, b->vhost);

    if (order == 0)
        order = strcmp(a->authority->id, b->authority->id);
    return order != 0 ? order : strcmp(a->depot->folder, b->depot->folder);
}

static void gather_outputs(eb_status_t *status, const eb_start_t *start)
{
    apr_pool_t *p = status->pool;
    apr_hash_t *vhosts = vhosts_of(p);

    for (int i = 0; i < start->depots->nelts; i++) {
        const eb_depot_t *depot = APR_ARRAY_IDX(start->depots, i, eb_depot_t *);
        eb_problem_t *down = NULL;

        for (apr_hash_index_t *a = apr_hash_first(p, depot->authorities); a != NULL;
             a = apr_hash_next(a)) {
            eb_status_output_t *output = apr_array_push(status->outputs);

            memset(output, 0, sizeof(*output));
            output->depot = depot;
            output->authority = apr_hash_this_val(a);
            output->vhost = apr_hash_get(vhosts, &output->authority, sizeof(output->authority));
            if (output->vhost == NULL)
                output->vhost = "";
            read_output(output, down, status);
            if (depot->slot != NULL)
                down = output->unread;
            add(status, output);
        }
    }
    qsort(status->outputs->elts, status->outputs->nelts, sizeof(eb_status_output_t), by_name);
}

/* --- what they need --- */

static void gather_spools(eb_status_t *status, const eb_start_t *start)
{
    for (int i = 0; i < start->depots->nelts; i++) {
        const eb_depot_t *depot = APR_ARRAY_IDX(start->depots, i, eb_depot_t *);
        eb_status_spool_t *spool;
        struct statvfs fs;

        if (depot->slot != NULL)
            continue;
        spool = apr_array_push(status->spools);
        *spool = (eb_status_spool_t){.folder = depot->folder};
        if (statvfs(depot->folder, &fs) != 0)
            continue;
        spool->open = depot->box != NULL;
        spool->free = (apr_uint64_t)fs.f_bavail * fs.f_frsize;
        spool->size = (apr_uint64_t)fs.f_blocks * fs.f_frsize;
        spool->inodes_free = fs.f_favail;
        spool->inodes = fs.f_files;
    }
}

/* Usually there is nothing to count. */
static void gather_left(eb_status_t *status, const eb_start_t *start)
{
    for (int i = 0; i < start->former->nelts; i++) {
        const eb_former_t *former = &APR_ARRAY_IDX(start->former, i, eb_former_t);
        eb_status_left_t *left = apr_array_push(status->left);

        *left = (eb_status_left_t){former->folder, former->authority,
                                   eb_spool_left(former->folder, former->authority, status->pool)};
    }
}

static bool is_outbox(const eb_redis_slot_t *slot, const eb_start_t *start)
{
    for (int i = 0; i < start->depots->nelts; i++)
        if (APR_ARRAY_IDX(start->depots, i, eb_depot_t *)->slot == slot)
            return true;
    return false;
}

static void gather_redis(eb_status_t *status, const eb_start_t *start)
{
    for (int i = 0; i < start->slots->nelts; i++) {
        const eb_redis_slot_t *slot = APR_ARRAY_IDX(start->slots, i, eb_redis_slot_t *);
        eb_status_redis_t *redis;
        eb_problem_t *doubt = NULL;

        if (slot->redis == NULL)
            continue;
        redis = apr_array_push(status->redis);
        memset(redis, 0, sizeof(*redis));
        redis->outbox = is_outbox(slot, start);
        eb_redis_state(&redis->s, slot->redis, status->pool);
        if (redis->s.connected && eb_redis_honest(slot->redis, slot->address->replicas, &doubt,
                                                  status->pool) != APR_SUCCESS)
            redis->doubt = doubt;
    }
}

/* Whether any vhost does not go on without this scanner. */
static bool required(const eb_scanner_t *scanner)
{
    for (const server_rec *s = ap_server_conf; s != NULL; s = s->next) {
        const eb_server_t *server = eb_server_of(s);

        if (server->scanner == scanner && eb_server_virus_scan(server)->mode == EB_SCAN_REQUIRED)
            return true;
    }
    return false;
}

static void gather_scanners(eb_status_t *status, const eb_start_t *start)
{
    for (apr_hash_index_t *i = apr_hash_first(status->pool, start->by_socket); i != NULL;
         i = apr_hash_next(i)) {
        const eb_scanner_t *scanner = apr_hash_this_val(i);
        eb_status_scanner_t *told = apr_array_push(status->scanners);
        eb_problem_t *problem = NULL;

        *told = (eb_status_scanner_t){apr_hash_this_key(i), required(scanner), NULL};
        if (scanner->ping(scanner, &problem, status->pool) != APR_SUCCESS)
            told->fault = problem;
    }
}

/* Keys are often named after the day on which they were made: 2026-11-25, or siegel-2026-11. */
static int age_of(const char *name, apr_time_t now)
{
    const char *digits = name + strcspn(name, "0123456789");
    eb_date_t date;
    long days;

    if (!eb_date_parse(&date, digits, true))
        return -1;
    days = eb_date_days(eb_local_date(now)) - eb_date_days(date);
    return days < 0 ? -1 : (int)days;
}

static void gather_keys(eb_status_t *status, const eb_start_t *start)
{
    apr_pool_t *p = status->pool;

    for (apr_hash_index_t *i = apr_hash_first(p, start->loader->keys); i != NULL;
         i = apr_hash_next(i)) {
        const eb_keys_t *keys = apr_hash_this_val(i);
        eb_status_keys_t *told = apr_array_push(status->keys);
        apr_uint32_t id;
        const char *name;

        *told = (eb_status_keys_t){.file = keys->file, .others = "", .days = -1};
        while ((name = eb_keyring_name(keys->ring, told->count, &id)) != NULL) {
            name = apr_psprintf(p, "%s (%08x)", name, id);
            if (told->count++ == 0)
                told->sealing = name;
            else
                told->others =
                    apr_pstrcat(p, told->others, *told->others != '\0' ? ", " : "", name, NULL);
        }
        name = eb_keyring_name(keys->ring, 0, &id);
        if (name != NULL)
            told->days = age_of(name, status->now);
    }
}

static void gather_certificates(eb_status_t *status, const eb_start_t *start)
{
    const apr_array_header_t *uses = start->certificates->uses;

    for (int i = 0; i < uses->nelts; i++) {
        const eb_certificate_use_t *use = &APR_ARRAY_IDX(uses, i, eb_certificate_use_t);
        eb_problem_t *fault = NULL;
        const apr_status_t rv = eb_certificate_check(use, status->now, &fault, status->pool);

        APR_ARRAY_PUSH(status->certificates, eb_status_certificate_t) = (eb_status_certificate_t){
            use, rv != APR_EINVAL, eb_expiry_days(&use->expiry, status->now), fault};
    }
}

/* They were counted while httpd started. */
static void gather_languages(eb_status_t *status, const eb_start_t *start)
{
    for (apr_hash_index_t *i = apr_hash_first(status->pool, start->loader->languages); i != NULL;
         i = apr_hash_next(i)) {
        const eb_languages_t *all = apr_hash_this_val(i);

        for (int n = 1; n < all->count; n++) {
            const eb_words_t *words = all->speeches[n].words;
            eb_status_language_t *told = apr_array_push(status->languages);

            *told = (eb_status_language_t){.share = apr_hash_this_key(i),
                                           .code = eb_words_language(words),
                                           .name = eb_words_name(words)};
            eb_words_texts(words, &told->texts, &told->missing);
        }
    }
}

void eb_status_gather(eb_status_t *status, apr_time_t now, apr_pool_t *pool)
{
    const eb_start_t *start = eb_start_of(ap_server_conf);

    memset(status, 0, sizeof(*status));
    status->pool = pool;
    status->now = now;
    status->outputs = apr_array_make(pool, 4, sizeof(eb_status_output_t));
    status->left = apr_array_make(pool, 0, sizeof(eb_status_left_t));
    status->spools = apr_array_make(pool, 2, sizeof(eb_status_spool_t));
    status->redis = apr_array_make(pool, 2, sizeof(eb_status_redis_t));
    status->scanners = apr_array_make(pool, 2, sizeof(eb_status_scanner_t));
    status->keys = apr_array_make(pool, 2, sizeof(eb_status_keys_t));
    status->certificates = apr_array_make(pool, 2, sizeof(eb_status_certificate_t));
    status->languages = apr_array_make(pool, 12, sizeof(eb_status_language_t));
    status->reasons = apr_array_make(pool, 4, sizeof(eb_reason_t));
    if (start == NULL)
        return;
    gather_outputs(status, start);
    gather_left(status, start);
    gather_spools(status, start);
    gather_redis(status, start);
    gather_scanners(status, start);
    gather_keys(status, start);
    gather_certificates(status, start);
    gather_languages(status, start);
    eb_status_reasons(status);
}
