/* The checks that need more than one value: each vhost is given its keys, pool and depot, each form
 * its pages, each authority what it needs to receive. All problems are logged, up to a handful; the
 * work is linear in the number of vhosts and authorities. */
#include "answers.h"
#include "output.h"

/* "vhost name (file:line)" */
const char *eb_check_vhost(const server_rec *s, apr_pool_t *p)
{
    const char *name = s->server_hostname != NULL ? s->server_hostname : "(no ServerName)";

    if (!s->is_virtual)
        return apr_psprintf(p, "main server %s", name);
    return apr_psprintf(p, "vhost %s (%s:%u)", name, s->defn_name, s->defn_line_number);
}

bool eb_check_report(eb_check_t *c)
{
    eb_log_server(c->s, APLOG_ERR, c->problem);
    c->problem = NULL;
    c->start->problems++;
    return false;
}

bool eb_check_blame(eb_check_t *c, const ap_directive_t *at)
{
    eb_problem_t *problem = c->problem;
    apr_pool_t *p = c->start->pool;

    if (at == NULL || problem == NULL)
        return eb_check_report(c);
    if (problem->where == NULL)
        problem->where = eb_where(at, p);
    else
        problem->what = apr_psprintf(p, "%s (named by %s in %s:%d)", problem->what, at->directive,
                                     at->filename, at->line_num);
    return eb_check_report(c);
}

bool eb_check_missing(eb_check_t *c, const ap_directive_t *at, const char *directive,
                      const char *example)
{
    apr_pool_t *p = c->start->pool;

    eb_problem_set(&c->problem, EB_P_SETTING_MISSING, APR_NOTFOUND, eb_where(at, p), p,
                   "%s is missing for %s. Example: %s %s", directive, eb_check_vhost(c->s, p),
                   directive, example);
    return eb_check_report(c);
}

/* --- what every vhost with an authority needs --- */

static void choose_redis(eb_check_t *c)
{
    const char *key = c->server->redis_text;
    eb_redis_slot_t *slot = apr_hash_get(c->start->by_address, key, APR_HASH_KEY_STRING);

    if (slot == NULL) {
        slot = apr_pcalloc(c->start->pool, sizeof(*slot));
        slot->address = c->server->redis;
        apr_hash_set(c->start->by_address, key, APR_HASH_KEY_STRING, slot);
        APR_ARRAY_PUSH(c->start->slots, eb_redis_slot_t *) = slot;
    }
    c->server->redis_slot = slot;
}

/* Every node finds what is in Redis. */
static eb_depot_t *depot_new(eb_check_t *c, const char *folder, bool redis)
{
    eb_depot_t *depot = apr_pcalloc(c->start->pool, sizeof(*depot));

    depot->folder = folder;
    depot->slot = redis ? c->server->redis_slot : NULL;
    depot->keys = c->server->keys;
    depot->node = redis ? "redis" : c->start->node;
    depot->at = redis ? c->server->outbox_at : c->server->spool_at;
    depot->server = c->s;
    depot->authorities = apr_hash_make(c->start->pool);
    depot->routes = apr_array_make(c->start->pool, 1, sizeof(eb_route_t));
    apr_hash_set(c->start->by_folder, folder, APR_HASH_KEY_STRING, depot);
    APR_ARRAY_PUSH(c->start->depots, eb_depot_t *) = depot;
    return depot;
}

static bool choose_depot(eb_check_t *c)
{
    apr_pool_t *p = c->start->pool;
    const eb_outbox_choice_t *choice = eb_server_outbox(c->server);
    const char *folder = choice->redis ? apr_pstrcat(p, "redis ", c->server->redis_text, NULL)
                                       : eb_server_spool(c->server);
    eb_depot_t *depot = apr_hash_get(c->start->by_folder, folder, APR_HASH_KEY_STRING);

    if (depot == NULL) {
        depot = depot_new(c, folder, choice->redis);
        if (depot->slot == NULL && eb_folder_check_spool(depot, &c->problem, p) != APR_SUCCESS)
            return eb_check_report(c);
    }
    if (depot->lease < choice->lease) /* of several vhosts with one outbox */
        depot->lease = choice->lease;
    c->server->depot = depot;
    if (depot->keys == c->server->keys)
        return true;
    eb_problem_set(&c->problem, EB_P_SPOOL_SHARED, APR_EINVAL, eb_where(c->server->key_file_at, p),
                   p, "The outbox %s is used with %s here and with %s in the %s", folder,
                   c->server->keys->file, depot->keys->file, eb_check_vhost(depot->server, p));
    return eb_check_report(c);
}

/* A scanner that is away may come back at any time, so that its absence is no reason not to start;
 * whoever never installed one is told. */
static eb_scanner_t *scanner_new(eb_check_t *c, const eb_virus_scan_t *scan)
{
    apr_pool_t *p = c->start->pool;
    eb_scanner_t *scanner = eb_clamd_scanner(scan->socket, p);
    apr_finfo_t info;

    apr_hash_set(c->start->by_socket, scan->socket, APR_HASH_KEY_STRING, scanner);
    if (scan->mode != EB_SCAN_REQUIRED ||
        apr_stat(&info, scan->socket, APR_FINFO_TYPE, p) == APR_SUCCESS)
        return scanner;
    eb_problem_set(
        &c->problem, EB_P_SCANNER_MISSING, APR_ENOENT, eb_where(c->server->virus_scan_at, p), p,
        "There is no %s, where clamd is expected by the %s", scan->socket, eb_check_vhost(c->s, p));
    eb_log_server(c->s, APLOG_WARNING, c->problem);
    c->problem = NULL;
    return scanner;
}

static void choose_scanner(eb_check_t *c)
{
    const eb_virus_scan_t *scan = eb_server_virus_scan(c->server);

    if (scan->mode == EB_SCAN_OFF)
        return;
    c->server->scanner = apr_hash_get(c->start->by_socket, scan->socket, APR_HASH_KEY_STRING);
    if (c->server->scanner == NULL)
        c->server->scanner = scanner_new(c, scan);
}

static bool set_limits(eb_check_t *c)
{
    apr_pool_t *p = c->start->pool;
    eb_upload_limits_t *limits = &c->server->limits;

    limits->file = (apr_uint64_t)eb_server_file_size(c->server);
    limits->total = (apr_uint64_t)eb_server_files_size(c->server);
    limits->count = eb_server_files_count(c->server);
    if (limits->file <= limits->total)
        return true;
    eb_problem_set(&c->problem, EB_P_LIMITS, APR_EINVAL,
                   eb_where(c->server->file_size_at != NULL ? c->server->file_size_at
                                                            : c->server->files_size_at,
                            p),
                   p, "A file may be larger than all files together in the %s",
                   eb_check_vhost(c->s, p));
    return eb_check_report(c);
}

static bool check_server(eb_check_t *c)
{
    if (c->server->redis == NULL)
        return eb_check_missing(c, c->server->authorities_at, "EinbuergerungRedis",
                                "unix:/run/redis/redis.sock");
    if (c->server->key_file == NULL)
        return eb_check_missing(c, c->server->authorities_at, "EinbuergerungKeyFile",
                                "/etc/apache2/einbuergerung/keys");
    if (eb_load_keys(&c->server->keys, c->start->loader, c->server->key_file, &c->problem) !=
        APR_SUCCESS)
        return eb_check_blame(c, c->server->key_file_at);
    choose_redis(c);
    choose_scanner(c);
    return set_limits(c) && choose_depot(c);
}

/* --- an authority --- */

static void prepare_site(eb_check_t *c, eb_authority_t *a)
{
    int test = eb_server_test(c->server) != 0;
    eb_site_t *site;

    if (a->site[test] != NULL)
        return;
    site = apr_pcalloc(c->start->pool, sizeof(*site));
    site->name = a->name;
    site->address = a->address;
    site->phone = a->phone;
    site->mail = a->mail;
    site->hours = a->hours;
    site->imprint_url = a->imprint;
    site->privacy_url = a->privacy;
    site->accessibility_url = a->accessibility;
    site->easy_url = a->easy;
    site->sign_url = a->sign;
    site->languages_url = a->languages;
    site->test = test;
    eb_site_prepare(site, c->start->pool);
    a->site[test] = site;
}

static void prepare_reader(eb_authority_t *a, apr_pool_t *p)
{
    a->reader_party.directory = "DVDV";
    a->reader_party.id = a->reader != NULL ? a->reader : apr_pstrcat(p, "ebb:", a->ags, NULL);
    a->reader_party.name = a->name;
    a->reader_party.mail = a->mail;
    a->reader_party.phone = a->phone;
}

static bool load_profile(eb_check_t *c, eb_authority_t *a)
{
    apr_pool_t *p = c->start->pool;
    const char *base = apr_pstrcat(p, eb_server_share(c->server), "/schemas/message/", NULL);
    const char *xslt = a->xslt != NULL ? a->xslt : apr_pstrcat(p, base, "einbuergerung.xsl", NULL);
    const char *xsd = a->xsd != NULL ? a->xsd : apr_pstrcat(p, base, "einbuergerung.xsd", NULL);

    if (eb_load_profile(&a->profile, c->start->loader, xslt, xsd, a->catalog, &c->problem) ==
        APR_SUCCESS)
        return true;
    return eb_check_blame(c, a->message_at != NULL ? a->message_at : a->at);
}

/* Once per authority, however many vhosts inherit it. */
static bool prepare_authority(eb_check_t *c, eb_authority_t *a)
{
    if (a->transport != NULL)
        return true;
    if (a->name == NULL)
        return eb_check_missing(c, a->at, "EinbuergerungAuthorityName", "\"Stadt Musterstadt\"");
    if (a->kind == NULL)
        return eb_check_missing(c, a->at, "EinbuergerungOutput",
                                "directory /var/lib/einbuergerung/eingang");
    prepare_reader(a, c->start->pool);
    return load_profile(c, a) && eb_output_open(c, a) && eb_answers_prepare(c, a);
}

static bool add_route(eb_check_t *c, eb_authority_t *a)
{
    eb_depot_t *depot = c->server->depot;
    const eb_authority_t *first = apr_hash_get(depot->authorities, a->id, APR_HASH_KEY_STRING);
    apr_pool_t *p = c->start->pool;
    eb_route_t *route;

    if (first != NULL && strcmp(eb_output_text(first, p), eb_output_text(a, p)) == 0)
        return true;
    if (first != NULL) {
        eb_problem_set(&c->problem, EB_P_AUTHORITY_TWICE, APR_EINVAL, eb_where(a->output_at, p), p,
                       "Authority %s puts out to %s here and to %s in %s:%d, from the same outbox "
                       "%s",
                       a->id, eb_output_text(a, p), eb_output_text(first, p), first->at->filename,
                       first->at->line_num, depot->folder);
        return eb_check_report(c);
    }
    apr_hash_set(depot->authorities, a->id, APR_HASH_KEY_STRING, a);
    route = apr_array_push(depot->routes);
    route->authority = a->id;
    route->transport = a->transport;
    if (a->replies == NULL)
        return true;
    eb_answers_collect(c, a);
    return add_route(c, a->replies);
}

/* A name that no message may hold would make every submission fail, one applicant at a time. */
static bool check_header(eb_check_t *c, const eb_authority_t *a)
{
    apr_pool_t *p = c->start->pool;
    eb_header_t header = {
        .reader = a->reader_party, .author = eb_author_party(c->s, a, p), .ags = a->ags};

    if (eb_header_check(&header, &c->problem, p) == APR_SUCCESS)
        return true;
    return eb_check_blame(c, a->at);
}

/* What the way out does not carry must not be uploaded. Whoever has set a higher limit is told; the
 * default follows. */
static bool fit_limits(eb_check_t *c, const eb_authority_t *a)
{
    eb_upload_limits_t *limits = &c->server->limits;
    apr_pool_t *p = c->start->pool;

    if (a->carries == 0 || limits->total <= a->carries)
        return true;
    if (c->server->files_size_at == NULL) {
        limits->total = a->carries;
        limits->file = limits->file < limits->total ? limits->file : limits->total;
        return true;
    }
    eb_problem_set(&c->problem, EB_P_LIMITS, APR_EINVAL, eb_where(c->server->files_size_at, p), p,
                   "The output %s of authority %s carries documents of %" APR_UINT64_T_FMT
                   "K in all, EinbuergerungFilesSize lets in more",
                   eb_output_text(a, p), a->id, a->carries / 1024);
    return eb_check_report(c);
}

/* Makes this vhost ready to receive for an authority, its own or an inherited one. */
bool eb_check_receive(eb_check_t *c, eb_authority_t *a)
{
    if (!prepare_authority(c, a) || !check_header(c, a) || !add_route(c, a) || !fit_limits(c, a))
        return false;
    prepare_site(c, a);
    return true;
}

/* A vhost that changes nothing in how its authorities receive has nothing to be checked again. */
static bool as_outer(const eb_server_t *server)
{
    const eb_server_t *outer = server->outer;

    return outer != NULL && outer->authorities == server->authorities &&
           outer->depot == server->depot && eb_server_test(outer) == eb_server_test(server) &&
           outer->file_size_at == server->file_size_at &&
           outer->files_size_at == server->files_size_at;
}

/* The loop ends early only when there are too many problems to read. */
static void check_authorities(eb_check_t *c)
{
    apr_pool_t *p = c->start->pool;
    int count = 0;

    if (as_outer(c->server)) {
        c->server->only = c->server->outer->only;
        c->server->limits = c->server->outer->limits;
        return;
    }
    for (apr_hash_index_t *i = apr_hash_first(p, c->server->authorities);
         i != NULL && c->start->problems < EB_PROBLEMS_MAX; i = apr_hash_next(i)) {
        eb_authority_t *a = apr_hash_this_val(i);

        c->server->only = count++ == 0 ? a : NULL;
        eb_check_receive(c, a);
    }
}

static void check_vhost(eb_start_t *start, server_rec *s)
{
    eb_check_t c = {start, s, eb_server_of(s), NULL};

    eb_check_receiver(&c);
    if (c.server->authorities != NULL) {
        if (!check_server(&c))
            return;
        check_authorities(&c);
    }
    eb_check_forms(&c);
}

bool eb_check_all(eb_start_t *start, server_rec *main_server)
{
    for (server_rec *s = main_server; s != NULL && start->problems < EB_PROBLEMS_MAX; s = s->next)
        check_vhost(start, s);
    return start->problems == 0;
}
