/* httpd -t -D DUMP_EINBUERGERUNG: the configuration as it counts, with all defaults and all that
 * was inherited, as one JSON document. einbuergerungctl reads it, so that nothing has to be
 * configured twice. It names files that hold secrets, and never a secret. A configuration with
 * problems is told as far as it goes, so that `einbuergerungctl doctor` has something to look at.
 */
#include "certificates.h"
#include "json.h"
#include "output.h"

#include <http_main.h>
#include <stdio.h>
#include <stdlib.h>
#include <unixd.h>

#define FORMAT 1

static json_t *where(const ap_directive_t *at, apr_pool_t *p)
{
    return eb_json_text(eb_where(at, p), p);
}

/* The address and its options as written; files by their full names. A password is always in one.
 */
static json_t *dump_redis(const eb_server_t *server, apr_pool_t *p)
{
    const char *args = server->redis_text;
    json_t *options;
    const char *address;

    if (args == NULL)
        return json_null();
    address = ap_getword_conf(p, &args);
    options = json_object();
    while (*args != '\0') {
        const char *word = ap_getword_conf(p, &args);
        const char *name = ap_getword(p, &word, '=');
        apr_size_t len = strlen(name);
        bool file = len > 5 && strcasecmp(name + len - 5, "-file") == 0;

        ap_str_tolower((char *)name);
        json_object_set_new(options, name,
                            eb_json_text(file ? ap_server_root_relative(p, word) : word, p));
    }
    return json_pack("{s:o, s:o}", "address", eb_json_text(address, p), "options", options);
}

/* What an outbox is told apart by. */
static const char *outbox_name(const eb_server_t *server, apr_pool_t *p)
{
    return eb_server_outbox(server)->redis
               ? apr_pstrcat(p, "redis ", server->redis_text, NULL) /* which may be missing */
               : eb_server_spool(server);
}

/* Of several vhosts with one outbox the longest lease counts. */
static json_t *dump_outbox(const eb_server_t *server, apr_pool_t *p)
{
    const eb_outbox_choice_t *choice = eb_server_outbox(server);
    const eb_depot_t *depot = server->depot;

    if (!choice->redis)
        return json_pack("{s:s, s:o}", "engine", "spool", "folder",
                         eb_json_text(eb_server_spool(server), p));
    return json_pack("{s:s, s:o, s:i}", "engine", "redis", "redis", dump_redis(server, p), "lease",
                     depot != NULL ? depot->lease : choice->lease);
}

static json_t *dump_scan(const eb_server_t *server, apr_pool_t *p)
{
    static const char *const modes[] = {"required", "optional", "off"};
    const eb_virus_scan_t *scan = eb_server_virus_scan(server);

    return json_pack("{s:s, s:o}", "mode", modes[scan->mode], "socket",
                     eb_json_text(scan->mode == EB_SCAN_OFF ? NULL : scan->socket, p));
}

static json_t *dump_limits(const eb_server_t *server)
{
    return json_pack("{s:I, s:I, s:i}", "file_size", (json_int_t)eb_server_file_size(server),
                     "files_size", (json_int_t)eb_server_files_size(server), "files_count",
                     eb_server_files_count(server));
}

static json_t *dump_edition(const eb_edition_t *edition, apr_pool_t *p)
{
    const eb_form_t *form = edition->form;
    char hex[2 * sizeof(form->hash) + 1];

    ap_bin2hex(form->hash, sizeof(form->hash), hex);
    return json_pack("{s:o, s:o, s:o, s:o, s:s}", "id", eb_json_text(form->id, p), "version",
                     eb_json_text(form->version, p), "title", eb_json_text(form->title, p), "file",
                     eb_json_text(form->file, p), "hash", hex);
}

static json_t *dump_form(const eb_form_use_t *use, apr_pool_t *p)
{
    const eb_location_t *here = ap_get_module_config(use->section, &einbuergerung_module);
    json_t *editions = json_array();

    for (const eb_edition_t *e = use->edition; e != NULL; e = e->earlier)
        json_array_append_new(editions, dump_edition(e, p));
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "base", eb_json_text(use->base, p), "form",
                     eb_json_text(use->name, p), "where", where(use->at, p), "authority",
                     eb_json_text(here->authority, p), "editions", editions);
}

static json_t *dump_vhost(const server_rec *s, apr_pool_t *p)
{
    const eb_server_t *server = eb_server_of(s);
    json_t *forms = json_array();

    for (int i = 0; i < server->uses->nelts; i++)
        json_array_append_new(forms, dump_form(APR_ARRAY_IDX(server->uses, i, eb_form_use_t *), p));
    return json_pack(
        "{s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "name",
        eb_json_text(s->server_hostname, p), "where",
        s->is_virtual ? eb_json_text(apr_psprintf(p, "%s:%u", s->defn_name, s->defn_line_number), p)
                      : json_null(),
        "test", eb_server_test(server) != 0, "share", eb_json_text(eb_server_share(server), p),
        "key_file", eb_json_text(server->key_file, p), "outbox", dump_outbox(server, p), "redis",
        dump_redis(server, p), "virus_scan", dump_scan(server, p), "limits", dump_limits(server),
        "forms", forms);
}

static json_t *dump_authority(const eb_authority_t *a, const eb_server_t *server, apr_pool_t *p)
{
    json_t *output = a->kind == NULL ? json_object()
                                     : json_pack("{s:s, s:o}", "transport", a->kind->name,
                                                 a->kind->place, eb_json_text(a->output, p));
    json_t *message = json_pack("{s:o, s:o, s:o, s:o}", "xslt", eb_json_text(a->xslt, p), "xsd",
                                eb_json_text(a->xsd, p), "catalog", eb_json_text(a->catalog, p),
                                "reply_xsd", eb_json_text(a->reply_xsd, p));

    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "id", eb_json_text(a->id, p), "name",
                     eb_json_text(a->name, p), "where", where(a->at, p), "outbox",
                     dump_outbox(server, p), "key_file", eb_json_text(server->key_file, p),
                     "output", output, "message", message);
}

static int by_id(const void *x, const void *y)
{
    const eb_authority_t *a = *(const eb_authority_t *const *)x,
                         *b = *(const eb_authority_t *const *)y;

    return strcmp(a->id, b->id);
}

/* Behind all authorities, so that a Vorgangsnummer leads to the application first. */
static void add_replies(apr_array_header_t *authorities)
{
    const int count = authorities->nelts;

    for (int i = 0; i < count; i++) {
        eb_authority_t *a = APR_ARRAY_IDX(authorities, i, eb_authority_t *);

        if (a->replies != NULL)
            APR_ARRAY_PUSH(authorities, eb_authority_t *) = a->replies;
    }
}

/* The authorities of a vhost that no vhost before has told for the same outbox. */
static void dump_authorities(json_t *list, const eb_server_t *server, apr_hash_t *told,
                             apr_pool_t *p)
{
    apr_array_header_t *sorted = apr_array_make(p, 8, sizeof(eb_authority_t *));

    for (apr_hash_index_t *i = apr_hash_first(p, server->authorities); i != NULL;
         i = apr_hash_next(i))
        APR_ARRAY_PUSH(sorted, eb_authority_t *) = apr_hash_this_val(i);
    qsort(sorted->elts, sorted->nelts, sizeof(eb_authority_t *), by_id);
    add_replies(sorted);
    for (int i = 0; i < sorted->nelts; i++) {
        const eb_authority_t *a = APR_ARRAY_IDX(sorted, i, eb_authority_t *);
        const char *key = apr_pstrcat(p, a->id, " ", outbox_name(server, p), NULL);

        if (apr_hash_get(told, key, APR_HASH_KEY_STRING) != NULL)
            continue;
        apr_hash_set(told, key, APR_HASH_KEY_STRING, a);
        json_array_append_new(list, dump_authority(a, server, p));
    }
}

static bool as_outer(const eb_server_t *server, apr_pool_t *p)
{
    const eb_server_t *outer = server->outer;

    return outer != NULL && outer->authorities == server->authorities &&
           strcmp(outbox_name(outer, p), outbox_name(server, p)) == 0;
}

static json_t *dump_left(const eb_start_t *start, apr_pool_t *p)
{
    json_t *list = json_array();

    for (int i = 0; i < start->former->nelts; i++) {
        const eb_former_t *former = &APR_ARRAY_IDX(start->former, i, eb_former_t);
        json_array_append_new(list,
                              json_pack("{s:o, s:o}", "folder", eb_json_text(former->folder, p),
                                        "authority", eb_json_text(former->authority, p)));
    }
    return list;
}

static json_t *dump_certificates(const eb_start_t *start, apr_pool_t *p)
{
    json_t *list = json_array();

    for (int i = 0; i < start->certificates->uses->nelts; i++) {
        const eb_certificate_use_t *use =
            &APR_ARRAY_IDX(start->certificates->uses, i, eb_certificate_use_t);
        json_array_append_new(list, json_pack("{s:s, s:o, s:o, s:o, s:b, s:I, s:I, s:i}", "role",
                                              eb_certificate_role(use->role), "user",
                                              eb_json_text(eb_certificate_user(use, p), p), "file",
                                              eb_json_text(use->file, p), "name",
                                              eb_json_text(use->expiry.name, p), "revocations",
                                              use->expiry.revocations, "from",
                                              (json_int_t)apr_time_sec(use->expiry.from), "until",
                                              (json_int_t)apr_time_sec(use->expiry.until), "notice",
                                              eb_certificate_notice(use->role)));
    }
    return list;
}

static json_t *dump_all(const eb_start_t *start, const server_rec *main_server, apr_pool_t *p)
{
    json_t *vhosts = json_array(), *authorities = json_array();
    apr_hash_t *told = apr_hash_make(p);
    const unixd_config_rec *unixd = &ap_unixd_config;

    for (const server_rec *s = main_server; s != NULL; s = s->next) {
        const eb_server_t *server = eb_server_of(s);

        if (server->uses->nelts == 0 && server->authorities == NULL)
            continue;
        json_array_append_new(vhosts, dump_vhost(s, p));
        if (server->authorities != NULL && !as_outer(server, p))
            dump_authorities(authorities, server, told, p);
    }
    return json_pack("{s:i, s:s, s:s, s:i, s:{s:o, s:I, s:I}, s:o, s:o, s:o, s:o}", "format",
                     FORMAT, "version", EB_VERSION, "httpd", ap_get_server_description(),
                     "problems", start->problems, "user", "name", eb_json_text(unixd->user_name, p),
                     "uid", (json_int_t)unixd->user_id, "gid", (json_int_t)unixd->group_id,
                     "vhosts", vhosts, "authorities", authorities, "left", dump_left(start, p),
                     "certificates", dump_certificates(start, p));
}

void eb_dump(const eb_start_t *start, const server_rec *main_server, apr_pool_t *p)
{
    json_t *json;

    if (ap_state_query(AP_SQ_RUN_MODE) != AP_SQ_RM_CONFIG_TEST ||
        !ap_exists_config_define("DUMP_EINBUERGERUNG"))
        return;
    json = dump_all(start, main_server, p);
    json_dumpf(json, stdout, JSON_INDENT(2));
    fputc('\n', stdout);
    fflush(stdout);
    json_decref(json);
}
