/* A receiver for the transport `directory`: fetches what has appeared, moves it away, and remembers
 * how often it saw each case. */
#ifndef INBOX_H
#define INBOX_H

#include "delivery/dispatcher.h"
#include "base/buf.h"
#include "spool.h"

typedef struct inbox_t {
    const char *folder;
    apr_pool_t *pool;
    int fetched, wrong; /* wrong: of a bad name, or not whole */
} inbox_t;

static inline const char *inbox_message(const char *uuid, apr_pool_t *pool)
{
    return apr_pstrcat(pool, "<nachricht>", uuid, "</nachricht>\n", NULL);
}

static inline void inbox_fetch_one(inbox_t *in, const char *name)
{
    const char *path = apr_pstrcat(in->pool, in->folder, "/", name, NULL);
    char text[256] = "", uuid[EB_UUID_LEN + 1] = "";
    int fd = open(path, O_RDONLY);
    ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;

    if (strlen(name) == EB_NUMBER_LEN + 1 + EB_UUID_LEN + 4)
        memcpy(uuid, name + EB_NUMBER_LEN + 1, EB_UUID_LEN);
    in->fetched++;
    in->wrong += n < 0 || !eb_uuid_valid(uuid) || strcmp(text, inbox_message(uuid, in->pool)) != 0;
    close(fd);
    unlink(path);
}

/* Takes all there is; what begins with a dot is not the receiver's. */
static inline void inbox_fetch(void *baton)
{
    inbox_t *in = baton;
    DIR *d = opendir(in->folder);
    if (!d)
        return;
    for (const struct dirent *e; (e = readdir(d));)
        if (*e->d_name != '.')
            inbox_fetch_one(in, e->d_name);
    closedir(d);
}

/* A job whose package carries inbox_message(). */
static inline eb_job_t inbox_put(eb_outbox_t *box, const char *authority, apr_time_t now,
                                 apr_pool_t *pool)
{
    eb_problem_t *problem = NULL;
    eb_job_t job = spool_job(now);
    const char *message = inbox_message(job.uuid, pool);
    const eb_package_t package = {.uuid = job.uuid,
                                  .number = job.number,
                                  .authority = authority,
                                  .schema = "urn:x",
                                  .message = message,
                                  .message_len = strlen(message)};
    eb_buf_t b;

    job.authority = authority;
    eb_buf_init(&b, 0, pool);
    eb_package_write(&b, &package);
    if (box->engine->put(box, &job, b.data, b.len, &problem, pool)) {
        printf("Bail out! %s\n", eb_problem_text(problem, pool));
        exit(1);
    }
    return job;
}

#endif
