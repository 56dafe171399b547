/* Keys in use. A key may go when no waiting package needs it, and no draft: drafts move to the
 * first key when they are saved and expire after 30 days, so that a key that has not been the first
 * one for 31 days is needed by none. How long that is, only the time of the last change of the key
 * file can tell. */
#include "keys.h"
#include "jobs.h"
#include "table.h"
#include "base/date.h"
#include "store/operator.h"

#include <apr_errno.h>
#include <apr_hash.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { DRAFT_DAYS = 31 };

/* Packages by key: "<key file> <key id>" -> int. */
typedef struct survey_t {
    apr_hash_t *counts, *files;
    apr_pool_t *pool;
} survey_t;

static int *counter(const survey_t *s, const char *file, apr_uint32_t key_id)
{
    const char *key = apr_psprintf(s->pool, "%08x %s", key_id, file);
    int *count = apr_hash_get(s->counts, key, APR_HASH_KEY_STRING);

    if (!count) {
        count = apr_pcalloc(s->pool, sizeof *count);
        apr_hash_set(s->counts, key, APR_HASH_KEY_STRING, count);
    }
    return count;
}

static int count_one(const eb_ctl_t *ctl, eb_ctl_authority_t *a, void *baton, apr_pool_t *pool)
{
    const survey_t *s = baton;
    eb_problem_t *problem = NULL;
    apr_array_header_t *jobs;
    apr_uint32_t key_id;
    eb_outbox_t *box;
    apr_pool_t *one;

    if (!a->key_file)
        return EB_EXIT_GOOD;
    apr_hash_set(s->files, a->key_file, APR_HASH_KEY_STRING, a->key_file);
    if (eb_ctl_open(&box, a, false, &problem, pool) ||
        box->engine->list(&jobs, box, a->id, &problem, pool))
        return eb_ctl_complain(ctl, problem);
    apr_pool_create(&one, pool);
    for (int i = 0; i < jobs->nelts; i++) {
        const char *uuid = APR_ARRAY_IDX(jobs, i, eb_job_t *)->uuid;
        if (!box->engine->by_hand->key(&key_id, box, a->id, uuid, &problem, one))
            ++*counter(s, a->key_file, key_id);
        apr_pool_clear(one);
    }
    return EB_EXIT_GOOD;
}

static apr_time_t changed(const char *file)
{
    struct stat info;
    return stat(file, &info) ? 0 : apr_time_from_sec(info.st_mtime);
}

static json_t *key_row(const survey_t *s, const eb_ctl_t *ctl, const char *file, const char *name,
                       apr_uint32_t key_id, bool first)
{
    int *packages = counter(s, file, key_id);
    apr_time_t free_at = changed(file) + apr_time_from_sec(DRAFT_DAYS * 86400);
    bool may_go = name && !first && !*packages && free_at <= ctl->now;
    const char *why = !name       ? "UNKNOWN: put it back"
                      : first     ? "in use: seals what is new"
                      : *packages ? "in use: keys rewrap frees it"
                      : may_go    ? "may be removed"
                                  : apr_psprintf(s->pool, "drafts may need it until %s",
                                                 eb_date_iso(eb_local_date(free_at), s->pool));
    json_t *row =
        json_pack("{s:o, s:o, s:o, s:b, s:i, s:b, s:s}", "file", eb_json_text(file, s->pool),
                  "name", eb_json_text(name, s->pool), "id", json_sprintf("%08x", key_id), "first",
                  first, "packages", *packages, "may_go", may_go, "why", why);

    *packages = 0; /* told; what is left is under keys that the file lacks */
    return row;
}

static int survey_file(json_t *rows, const survey_t *s, const eb_ctl_t *ctl, const char *file)
{
    eb_problem_t *problem = NULL;
    eb_keyring_t *ring;
    apr_uint32_t id;
    const char *name;

    if (eb_keyring_load(&ring, file, &problem, s->pool))
        return eb_ctl_complain(ctl, problem);
    for (int i = 0; (name = eb_keyring_name(ring, i, &id)) != NULL; i++)
        json_array_append_new(rows, key_row(s, ctl, file, name, id, i == 0));
    return EB_EXIT_GOOD;
}

/* What no file has a key for. */
static int survey_unknown(json_t *rows, const survey_t *s, const eb_ctl_t *ctl)
{
    int code = EB_EXIT_GOOD;

    for (apr_hash_index_t *i = apr_hash_first(s->pool, s->counts); i; i = apr_hash_next(i)) {
        const char *key = apr_hash_this_key(i);
        if (!*(int *)apr_hash_this_val(i))
            continue;
        apr_uint32_t id = (apr_uint32_t)strtoul(key, NULL, 16);
        json_array_append_new(rows, key_row(s, ctl, strchr(key, ' ') + 1, NULL, id, false));
        code = EB_EXIT_WRONG;
    }
    return code;
}

int eb_ctl_keys_survey(json_t **rows, const eb_ctl_t *ctl)
{
    survey_t s = {apr_hash_make(ctl->pool), apr_hash_make(ctl->pool), ctl->pool};
    int code = eb_ctl_each(ctl, count_one, &s);

    *rows = json_array();
    for (apr_hash_index_t *i = apr_hash_first(ctl->pool, s.files); i; i = apr_hash_next(i)) {
        int one = survey_file(*rows, &s, ctl, apr_hash_this_key(i));
        code = one > code ? one : code;
    }
    int unknown = survey_unknown(*rows, &s, ctl);
    return unknown > code ? unknown : code;
}

int eb_ctl_keys_check(eb_ctl_t *ctl)
{
    static const eb_column_t columns[] = {
        {"KEY", "name", EB_CELL_TEXT},
        {"ID", "id", EB_CELL_TEXT},
        {"PACKAGES", "packages", EB_CELL_TEXT},
        {"FILE", "file", EB_CELL_TEXT},
        {"", "why", EB_CELL_TEXT},
    };
    json_t *rows;
    int code = eb_ctl_keys_survey(&rows, ctl);

    eb_table_print(ctl, rows, columns, 5, "There is no key.");
    return code;
}

typedef struct count_t {
    int done, left;
} count_t;

/* One package; a job that is being worked on will be delivered, or is there the next time. */
static int rewrap_one(const eb_ctl_t *ctl, eb_outbox_t *box, const eb_ctl_authority_t *a,
                      const char *uuid, count_t *count, apr_pool_t *pool)
{
    eb_problem_t *problem = NULL;
    bool rewrapped;
    eb_job_t *job;
    apr_status_t rv = box->engine->by_hand->take(&job, box, a->id, uuid, &problem, pool);

    if (rv == APR_NOTFOUND)
        return EB_EXIT_GOOD;
    if (rv == APR_EBUSY) {
        count->left++;
        return EB_EXIT_WRONG;
    }
    if (!rv) {
        rv = box->engine->by_hand->rewrap(&rewrapped, box, job, &problem, pool);
        box->engine->release(box, job);
    }
    if (!rv) {
        count->done += rewrapped;
        return EB_EXIT_GOOD;
    }
    count->left++;
    return eb_ctl_complain(ctl, problem);
}

static int rewrap_all(const eb_ctl_t *ctl, eb_ctl_authority_t *a, void *baton, apr_pool_t *pool)
{
    eb_problem_t *problem = NULL;
    apr_array_header_t *jobs;
    int code = EB_EXIT_GOOD;
    eb_outbox_t *box;
    apr_pool_t *one;

    if (eb_ctl_open(&box, a, true, &problem, pool) ||
        box->engine->list(&jobs, box, a->id, &problem, pool))
        return eb_ctl_complain(ctl, problem);
    apr_pool_create(&one, pool);
    for (int i = 0; i < jobs->nelts; i++) {
        const char *uuid = APR_ARRAY_IDX(jobs, i, eb_job_t *)->uuid;
        int single = rewrap_one(ctl, box, a, uuid, baton, one);
        code = single > code ? single : code;
        apr_pool_clear(one);
    }
    return code;
}

int eb_ctl_keys_rewrap(eb_ctl_t *ctl)
{
    count_t count = {0, 0};
    int code = eb_ctl_each(ctl, rewrap_all, &count);

    eb_ctl_done(ctl,
                "%d packages are sealed anew under the current key, %d are left for the next "
                "time. Drafts move by themselves when they are saved, and expire in 30 days.",
                count.done, count.left);
    return code;
}
