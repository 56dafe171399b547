/* The dump, read strictly enough not to crash on anything, and no stricter: what a command does not
 * need may be missing. */
#include "config.h"
#include "base/seal.h"

#include <apr_errno.h>
#include <apr_file_io.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

enum { FORMAT = 1 };

static apr_status_t cleanup_json(void *json)
{
    json_decref(json);
    return APR_SUCCESS;
}

const char *eb_config_text(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static bool take_authority(apr_array_header_t *list, const json_t *json)
{
    const json_t *output = json_object_get(json, "output"),
                 *outbox = json_object_get(json, "outbox");
    const char *engine = eb_config_text(outbox, "engine");
    const bool redis = engine && strcmp(engine, "redis") == 0;
    eb_ctl_authority_t a = {.id = eb_config_text(json, "id"),
                            .name = eb_config_text(json, "name"),
                            .spool = redis ? NULL : eb_config_text(outbox, "folder"),
                            .redis = redis ? json_object_get(outbox, "redis") : NULL,
                            .lease = (int)json_integer_value(json_object_get(outbox, "lease")),
                            .key_file = eb_config_text(json, "key_file"),
                            .transport = eb_config_text(output, "transport"),
                            .folder = eb_config_text(output, "folder")};

    if (!a.id || (redis ? a.lease < 1 : !a.spool))
        return false;
    APR_ARRAY_PUSH(list, eb_ctl_authority_t) = a;
    return true;
}

apr_status_t eb_config_parse(eb_config_t **config, const char *text, apr_pool_t *pool)
{
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK, NULL);
    eb_config_t *c = apr_pcalloc(pool, sizeof *c);
    json_int_t uid = 0, gid = 0;
    json_t *authorities, *one;
    apr_size_t i;
    int format;

    if (!json)
        return APR_EINVAL;
    apr_pool_cleanup_register(pool, json, cleanup_json, apr_pool_cleanup_null);
    c->json = json;
    c->authorities = apr_array_make(pool, 4, sizeof(eb_ctl_authority_t));
    if (json_unpack(json, "{s:i, s:s, s:i, s:{s?s, s:I, s:I}, s:o, s:o}", "format", &format,
                    "version", &c->version, "problems", &c->problems, "user", "name", &c->user,
                    "uid", &uid, "gid", &gid, "vhosts", &c->vhosts, "authorities", &authorities) ||
        format != FORMAT || !json_is_array(c->vhosts) || !json_is_array(authorities))
        return APR_EINVAL;
    c->uid = (apr_uint32_t)uid;
    c->gid = (apr_uint32_t)gid;
    json_array_foreach(authorities, i,
                       one) if (!take_authority(c->authorities, one)) return APR_EINVAL;
    *config = c;
    return APR_SUCCESS;
}

static apr_status_t read_saved(const char **text, const eb_ctl_t *ctl, eb_problem_t **problem)
{
    apr_file_t *file;
    apr_finfo_t info;
    char why[120];
    apr_status_t rv = apr_file_open(&file, ctl->saved, APR_FOPEN_READ, 0, ctl->pool);

    if (!rv)
        rv = apr_file_info_get(&info, APR_FINFO_SIZE, file);
    if (!rv) {
        apr_size_t len = (apr_size_t)info.size;
        char *data = apr_pcalloc(ctl->pool, len + 1);
        rv = apr_file_read_full(file, data, len, &len);
        *text = data;
    }
    if (rv && !APR_STATUS_IS_EOF(rv))
        return eb_problem_set(problem, EB_P_CTL_CONFIG, rv, ctl->saved, ctl->pool,
                              "The saved configuration cannot be read: %s",
                              apr_strerror(rv, why, sizeof why));
    return APR_SUCCESS;
}

static apr_status_t ask(const char **text, const eb_ctl_t *ctl, eb_problem_t **problem)
{
    eb_httpd_answer_t answer;
    eb_problem_t *reason = NULL;

    eb_httpd_ask(&answer, EB_HTTPD_DUMP, ctl);
    *text = strchr(answer.out, '{');
    if (!answer.program)
        return eb_problem_set(problem, EB_P_CTL_HTTPD, APR_ENOENT, ctl->httpd, ctl->pool,
                              "There is no httpd to be asked for its configuration");
    if (answer.code)
        eb_problem_set(&reason, EB_P_CTL_CONFIGTEST, APR_EGENERAL, NULL, ctl->pool,
                       "%s -t says: %s", answer.program, eb_httpd_reason(&answer, ctl->pool));
    else if (!*text)
        eb_problem_set(&reason, EB_P_CTL_MODULE, APR_NOTFOUND, NULL, ctl->pool,
                       "%s says nothing about mod_einbuergerung", answer.program);
    if (reason && *text)
        eb_ctl_complain(ctl, reason);
    else if (reason)
        *problem = reason;
    return *text ? APR_SUCCESS : APR_EGENERAL;
}

apr_status_t eb_config_load(eb_config_t **config, const eb_ctl_t *ctl, eb_problem_t **problem)
{
    const char *text = "";
    apr_status_t rv = ctl->saved ? read_saved(&text, ctl, problem) : ask(&text, ctl, problem);

    if (rv)
        return rv;
    rv = eb_config_parse(config, text, ctl->pool);
    if (rv)
        return eb_problem_set(problem, EB_P_CTL_CONFIG, rv, ctl->saved, ctl->pool,
                              "That is not what DUMP_EINBUERGERUNG of this version prints");
    return APR_SUCCESS;
}

static apr_status_t open_redis(eb_outbox_t **box, const eb_ctl_authority_t *authority,
                               eb_problem_t **problem, apr_pool_t *pool)
{
    eb_redis_address_t *address = apr_pcalloc(pool, sizeof *address);
    eb_redis_t *redis;
    apr_status_t rv = eb_config_redis(address, authority->redis, problem, pool);

    if (rv)
        return rv;
    eb_redis_create(&redis, address, 1, pool);
    eb_redis_outbox_open(box, redis, apr_time_from_sec(authority->lease), NULL, pool);
    return APR_SUCCESS;
}

apr_status_t eb_ctl_open(eb_outbox_t **box, eb_ctl_authority_t *authority, bool keys,
                         eb_problem_t **problem, apr_pool_t *pool)
{
    eb_keyring_t *ring;

    *box = authority->box;
    if (!*box) {
        apr_status_t rv =
            authority->spool ? eb_spool_open(&authority->box, authority->spool, NULL, problem, pool)
                             : open_redis(&authority->box, authority, problem, pool);
        if (rv)
            return rv;
        *box = authority->box;
    }
    if (!keys || (*box)->keys)
        return APR_SUCCESS;
    if (!authority->key_file)
        return eb_problem_set(problem, EB_P_CTL_CONFIG, APR_NOTFOUND, NULL, pool,
                              "No key file is configured for authority %s", authority->id);
    apr_status_t rv = eb_keyring_load(&ring, authority->key_file, problem, pool);
    if (!rv)
        (*box)->keys = ring;
    return rv;
}
