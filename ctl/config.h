/* The configuration that counts, as httpd tells it: httpd -t -D DUMP_EINBUERGERUNG. Nothing is
 * configured twice. */
#ifndef EB_CTL_CONFIG_H
#define EB_CTL_CONFIG_H

#include "ctl.h"
#include "store/outbox.h"
#include "store/redis.h"

typedef struct eb_ctl_authority_t {
    const char *id, *name;
    const char *spool;    /* the folder of its outbox; NULL: that is in … */
    const json_t *redis;  /* … as it is told; NULL when the configuration lacks it */
    int lease;            /* seconds, in Redis */
    const char *key_file; /* key_file, folder: NULL when the configuration lacks them */
    const char *transport, *folder;
    eb_outbox_t *box; /* once opened */
} eb_ctl_authority_t;

struct eb_config_t {
    json_t *json;
    const char *version, *user; /* httpd's user, NULL = unknown */
    apr_uint32_t uid, gid;
    int problems;
    json_t *vhosts;                  /* each as it is told */
    apr_array_header_t *authorities; /* of eb_ctl_authority_t */
};

/* What httpd said when it was asked. */
typedef struct eb_httpd_answer_t {
    const char *program; /* NULL: none was found */
    int code;            /* its exit code */
    const char *out, *err;
} eb_httpd_answer_t;

/* httpd.c: a configtest with this define, to which the module answers. */
#define EB_HTTPD_DUMP "DUMP_EINBUERGERUNG"
void eb_httpd_ask(eb_httpd_answer_t *answer, const char *define, const eb_ctl_t *ctl);
/* The lines that name a problem; all of them when none does. */
const char *eb_httpd_reason(const eb_httpd_answer_t *answer, apr_pool_t *pool);

/* config.c. Whether it can be used is `problems`; `doctor` looks into it anyway. APR_EINVAL: that
 * is no configuration. */
apr_status_t eb_config_parse(eb_config_t **config, const char *text, apr_pool_t *pool);
/* From --config or from httpd. One that httpd would not start with is taken all the same, and said
 * so on stderr: the day on which a folder is missing is the day on which `jobs` is needed. */
apr_status_t eb_config_load(eb_config_t **config, const eb_ctl_t *ctl, eb_problem_t **problem);
/* The member of a vhost, or of an object in it ("redis", "address"); NULL when absent or null. */
const char *eb_config_text(const json_t *object, const char *name);
/* redis.c: where drafts are, from a vhost's "redis". */
apr_status_t eb_config_redis(eb_redis_address_t *address, const json_t *redis,
                             eb_problem_t **problem, apr_pool_t *pool);

/* The outbox of an authority; with `keys` its packages can be read. */
apr_status_t eb_ctl_open(eb_outbox_t **box, eb_ctl_authority_t *authority, bool keys,
                         eb_problem_t **problem, apr_pool_t *pool);

#endif
