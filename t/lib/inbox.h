/* A receiver for the transport `directory`: fetches what has appeared, moves it away, and remembers
 * how often it saw each case. */
#ifndef INBOX_H
#define INBOX_H

#include "delivery/dispatcher.h"
#include "bytes.h"
#include "spool.h"

typedef struct inbox_t {
    const char *folder;
    apr_pool_t *pool;
    int documents;             /* that each message must have beside it */
    const char *const *names;  /* of them; NULL: inbox_name() */
    apr_uint64_t (*size)(int); /* of them; NULL: inbox_size() */
    bool any;                  /* whatever the message is */
    int fetched, wrong;        /* wrong: of a bad name, or not whole, or without its documents */
} inbox_t;

static inline const char *inbox_message(const char *uuid, apr_pool_t *pool)
{
    return apr_pstrcat(pool, "<nachricht>", uuid, "</nachricht>\n", NULL);
}

/* The documents of a case: the first one is empty, the third has two pieces. */
static inline apr_uint64_t inbox_size(int i)
{
    return (apr_uint64_t)i * i * i * 9770 % 300000;
}

static inline apr_uint64_t inbox_seed(const char *uuid, int i)
{
    return strtoull(uuid, NULL, 16) * 1000 + (apr_uint64_t)i;
}

static inline const char *inbox_name(int i, apr_pool_t *pool)
{
    return apr_psprintf(pool, "%02d-dokument.pdf", i + 1);
}

/* A file's content; *len -1 when there is none. */
static inline char *inbox_slurp(const char *path, ssize_t *len, apr_pool_t *pool)
{
    struct stat info;
    int fd = open(path, O_RDONLY | O_NOFOLLOW);
    char *text = NULL;

    *len = -1;
    if (fd >= 0 && fstat(fd, &info) == 0 && S_ISREG(info.st_mode)) {
        text = apr_pcalloc(pool, (apr_size_t)info.st_size + 1);
        *len = read(fd, text, (size_t)info.st_size);
    }
    close(fd);
    return text;
}

/* Whether exactly these documents are there, byte for byte; then they are taken away. */
static inline bool inbox_take_documents(const inbox_t *in, const char *folder, const char *uuid,
                                        apr_pool_t *pool)
{
    bool good = scratch_count(folder) == (in->documents ? in->documents : -1);
    ssize_t len;

    for (int i = 0; i < in->documents; i++) {
        const char *name = in->names ? in->names[i] : inbox_name(i, pool);
        apr_uint64_t size = in->size ? in->size(i) : inbox_size(i);
        const char *data = inbox_slurp(apr_pstrcat(pool, folder, "/", name, NULL), &len, pool);
        good = good && len == (ssize_t)size &&
               bytes_same(data, inbox_seed(uuid, i), 0, (apr_size_t)len);
    }
    scratch_remove(folder);
    return good;
}

static inline void inbox_fetch_one(inbox_t *in, const char *name)
{
    apr_pool_t *pool;
    char uuid[EB_UUID_LEN + 1] = "";
    ssize_t len;

    apr_pool_create(&pool, in->pool);
    const char *path = apr_pstrcat(pool, in->folder, "/", name, NULL);
    if (strlen(name) == EB_NUMBER_LEN + 1 + EB_UUID_LEN + 4)
        memcpy(uuid, name + EB_NUMBER_LEN + 1, EB_UUID_LEN);
    const char *text = inbox_slurp(path, &len, pool);
    bool good =
        len > 0 && eb_uuid_valid(uuid) && (in->any || strcmp(text, inbox_message(uuid, pool)) == 0);
    if (good)
        good = inbox_take_documents(in, apr_pstrndup(pool, path, strlen(path) - 4), uuid, pool);
    in->fetched++;
    in->wrong += !good;
    unlink(path);
    apr_pool_destroy(pool);
}

/* Takes all there is; what begins with a dot is not the receiver's, and documents alone are not
 * yet. */
static inline void inbox_fetch(void *baton)
{
    inbox_t *in = baton;
    DIR *d = opendir(in->folder);
    if (!d)
        return;
    for (const struct dirent *e; (e = readdir(d));)
        if (*e->d_name != '.' && strlen(e->d_name) > 4 &&
            strcmp(e->d_name + strlen(e->d_name) - 4, ".xml") == 0)
            inbox_fetch_one(in, e->d_name);
    closedir(d);
}

/* A case's package, with inbox_message() and documents. */
static inline eb_package_t inbox_package(const eb_job_t *job, int documents, apr_pool_t *pool)
{
    eb_attachment_t *list = apr_pcalloc(pool, documents * sizeof *list + 1);
    bytes_t *sources = apr_pcalloc(pool, documents * sizeof *sources + 1);
    const char *message = inbox_message(job->uuid, pool);

    for (int i = 0; i < documents; i++) {
        sources[i] = bytes_made(inbox_seed(job->uuid, i), inbox_size(i));
        list[i] = (eb_attachment_t){.name = inbox_name(i, pool),
                                    .type = "application/pdf",
                                    .purpose = "dokument",
                                    .sha512 = apr_psprintf(pool, "%0128d", i),
                                    .size = inbox_size(i),
                                    .source = &sources[i].source};
    }
    return (eb_package_t){.uuid = apr_pstrdup(pool, job->uuid),
                          .number = apr_pstrdup(pool, job->number),
                          .authority = job->authority,
                          .schema = "urn:x",
                          .message = message,
                          .message_len = strlen(message),
                          .attachments = list,
                          .attachments_count = documents};
}

static inline eb_job_t inbox_put_documents(eb_outbox_t *box, const char *authority, apr_time_t now,
                                           int documents, apr_pool_t *pool)
{
    eb_problem_t *problem = NULL;
    eb_job_t job = spool_job(now);
    eb_package_flow_t flow;

    job.authority = authority;
    eb_package_t package = inbox_package(&job, documents, pool);
    eb_package_flow(&flow, &package);
    if (box->engine->put(box, &job, &flow.source, &problem, pool)) {
        printf("Bail out! %s\n", problem ? eb_problem_text(problem, pool) : "put failed");
        exit(1);
    }
    return job;
}

static inline eb_job_t inbox_put(eb_outbox_t *box, const char *authority, apr_time_t now,
                                 apr_pool_t *pool)
{
    return inbox_put_documents(box, authority, now, 0, pool);
}

#endif
