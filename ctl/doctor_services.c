/* The malware scanner, and editions of forms. What form a draft was begun with is sealed in it, so
 * only their ages can be compared: a draft was last changed 30 days before the end of the day on
 * which it expires. */
#include "doctor.h"
#include "store/scanner.h"

#include <apr_strings.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BATCHES 50 /* of some hundred keys: a look, no audit */

static void look_at_scanner(eb_doctor_t *d, const json_t *vhost)
{
    const json_t *scan = json_object_get(vhost, "virus_scan");
    const char *path = eb_config_text(scan, "socket");
    const char *subject = apr_pstrcat(d->pool, "clamd ", path ? path : "", NULL);
    json_int_t size =
        json_integer_value(json_object_get(json_object_get(vhost, "limits"), "file_size"));
    eb_problem_t *problem = NULL;

    if (!path) {
        eb_doctor_good(d, "clamd", "is not asked (EinbuergerungVirusScan off)");
        return;
    }
    if (access(path, F_OK)) {
        eb_doctor_wrong(d, subject, EB_P_SCANNER_MISSING, "There is no such socket");
        return;
    }
    eb_scanner_t *scanner = eb_clamd_scanner(path, d->pool);
    if (eb_doctor_may(d, path, W_OK) > 0)
        eb_doctor_wrong(d, subject, EB_P_SCANNER_CONNECT, "httpd's user may not write to it");
    else if (scanner->ping(scanner, &problem, d->pool))
        eb_doctor_found(d, EB_FOUND_WRONG, subject, problem);
    else
        eb_doctor_good(d, subject, "answers");
    eb_doctor_unknown(d, subject,
                      "clamd does not tell its StreamMaxLength; clamd.conf must allow %ld MiB",
                      (long)(size / (1024 * 1024) + 1));
}

void eb_doctor_scanners(eb_doctor_t *d)
{
    eb_doctor_each(d, "virus_scan", look_at_scanner);
}

/* --- editions --- */

typedef struct scan_t {
    eb_redis_t *redis;
    apr_time_t before; /* the form's file is younger */
    apr_time_t now;
    int older;
} scan_t;

static bool is_draft(const redisReply *name)
{
    return name->type == REDIS_REPLY_STRING && name->len > 6 &&
           strcmp(name->str + name->len - 6, ":draft") == 0;
}

static void count_older(scan_t *s, const redisReply *names, apr_pool_t *pool)
{
    eb_redis_command_t *commands = apr_pcalloc(pool, (names->elements + 1) * sizeof *commands);
    redisReply **replies = apr_pcalloc(pool, (names->elements + 1) * sizeof *replies);
    int count = 0;

    for (size_t i = 0; i < names->elements; i++) {
        if (!is_draft(names->element[i]))
            continue;
        eb_redis_command_word(&commands[count], "TTL");
        eb_redis_command_add(&commands[count++], names->element[i]->str, names->element[i]->len);
    }
    if (!count || eb_redis_send(replies, s->redis, commands, count, true, NULL, pool))
        return;
    for (int i = 0; i < count; i++)
        if (replies[i]->type == REDIS_REPLY_INTEGER && replies[i]->integer > 0)
            s->older += s->now + apr_time_from_sec(replies[i]->integer - 30 * 86400) < s->before;
}

/* False: it may not be asked. */
static bool scan_drafts(scan_t *s, apr_pool_t *pool)
{
    const char *cursor = "0";

    for (int i = 0; i < BATCHES; i++) {
        eb_redis_command_t command = {0};
        redisReply *reply = NULL;
        const char *const words[] = {"SCAN", cursor, "MATCH", "eb:*:draft", "COUNT", "500"};

        for (int w = 0; w < 6; w++)
            eb_redis_command_word(&command, words[w]);
        eb_redis_send(&reply, s->redis, &command, 1, true, NULL, pool);
        if (!reply || reply->type != REDIS_REPLY_ARRAY || reply->elements != 2)
            return false;
        count_older(s, reply->element[1], pool);
        cursor = reply->element[0]->str;
        if (strcmp(cursor, "0") == 0)
            break;
    }
    return true;
}

static void look_at_form(eb_doctor_t *d, eb_redis_t *redis, const json_t *form)
{
    const json_t *editions = json_object_get(form, "editions");
    const char *file = eb_config_text(json_array_get(editions, 0), "file");
    const char *subject = apr_pstrcat(d->pool, "form ", file ? file : "", NULL);
    eb_problem_t *problem = NULL;
    struct stat info;

    if (!file || stat(file, &info))
        return;
    if (json_array_size(editions) > 1) {
        eb_doctor_good(d, subject, "%d editions", (int)json_array_size(editions));
        return;
    }
    scan_t s = {redis, apr_time_from_sec(info.st_mtime), d->ctl->now, 0};
    if (!scan_drafts(&s, d->pool)) {
        eb_doctor_unknown(d, subject, "Redis may not be asked whether drafts are older than it");
        return;
    }
    if (!s.older) {
        eb_doctor_good(d, subject, "no draft is older than it");
        return;
    }
    eb_problem_set(&problem, EB_P_EDITION_GONE, APR_NOTFOUND, NULL, d->pool,
                   "%d drafts were last changed before this file was; good if it only was "
                   "installed again",
                   s.older);
    eb_doctor_found(d, EB_FOUND_LOOK, subject, problem);
}

void eb_doctor_editions(eb_doctor_t *d, eb_redis_t *redis, const json_t *vhost)
{
    const json_t *forms = json_object_get(vhost, "forms");
    apr_size_t i;
    json_t *form;

    json_array_foreach(forms, i, form) look_at_form(d, redis, form);
}
