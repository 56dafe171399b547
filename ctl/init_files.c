/* Files from templates: each is looked for first, and only what is missing is written, so that a
 * second run changes nothing and a first one destroys nothing. Keys and the password of Redis are
 * never replaced: they open what is already there. */
#include "init.h"
#include "keys.h"
#include "base/seal.h"

#include <apr_errno.h>
#include <apr_file_io.h>
#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { FILE_MAX = 65536, RENEW_DAYS = 60, GOOD_DAYS = 350 };

typedef struct change_t {
    const char *from, *to;
} change_t;

static apr_status_t cannot(eb_problem_t **problem, apr_status_t rv, const char *what,
                           const char *path, apr_pool_t *pool)
{
    char why[120];
    return eb_problem_set(problem, EB_P_INIT_WRITE, rv, path, pool, "It cannot be %s: %s", what,
                          apr_strerror(rv, why, sizeof why));
}

static const char *below(const eb_init_t *init, const char *path)
{
    return apr_pstrcat(init->ctl->pool, init->target, path, NULL);
}

/* ENOENT when there is none. */
static apr_status_t read_file(const char **text, const char *path, apr_pool_t *pool)
{
    char *data = apr_palloc(pool, FILE_MAX + 1);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n;

    if (fd < 0)
        return errno;
    n = read(fd, data, FILE_MAX);
    apr_status_t rv = n < 0 ? errno : APR_SUCCESS;
    close(fd);
    data[n < 0 ? 0 : n] = '\0';
    *text = data;
    return rv;
}

static const char *change_all(const char *text, const change_t *changes, int count,
                              apr_pool_t *pool)
{
    eb_buf_t out;

    eb_buf_init(&out, strlen(text) + 1024, pool);
    while (*text) {
        int i = 0;
        while (i < count && strncmp(text, changes[i].from, strlen(changes[i].from)) != 0)
            i++;
        if (i < count) {
            eb_buf_puts(&out, changes[i].to);
            text += strlen(changes[i].from);
        } else {
            eb_buf_putc(&out, *text++);
        }
    }
    return eb_buf_cstr(&out);
}

/* The file that `path` shall be, and whether it is that already. */
static void add(eb_init_t *init, const char *path, const char *text, eb_owner_t owner)
{
    eb_init_file_t *file = &APR_ARRAY_PUSH(init->files, eb_init_file_t);
    apr_pool_t *pool = init->ctl->pool;
    const char *old = NULL;

    file->path = path;
    file->owner = owner;
    eb_buf_init(&file->text, strlen(text), pool);
    eb_buf_puts(&file->text, text);
    apr_status_t rv = read_file(&old, below(init, path), pool);
    file->state = rv == ENOENT                    ? EB_INIT_NEW
                  : !rv && strcmp(old, text) == 0 ? EB_INIT_SAME
                                                  : EB_INIT_OTHER;
}

static apr_status_t add_template(eb_init_t *init, const char *path, const char *template,
                                 const change_t *changes, int count, eb_owner_t owner,
                                 eb_problem_t **problem)
{
    apr_pool_t *pool = init->ctl->pool;
    const char *file = apr_pstrcat(pool, init->share, "/init/", template, NULL);
    const char *text;
    apr_status_t rv = read_file(&text, file, pool);

    if (rv)
        return cannot(problem, rv, "read", file, pool);
    add(init, path, change_all(text, changes, count, pool), owner);
    return APR_SUCCESS;
}

static apr_status_t add_vhost(eb_init_t *init, eb_problem_t **problem)
{
    const change_t changes[] = {{"@HOST@", init->host},
                                {"@AUTHORITY@", init->authority},
                                {"@NAME@", init->name},
                                {"@MAIL@", init->mail},
                                {"@FOLDER@", init->folder},
                                {"@SCAN@", init->scan},
                                {"@SHARE@", init->share},
                                {"@CERTIFICATE@", init->certificate},
                                {"@CERTIFICATE_KEY@", init->certificate_key}};

    return add_template(init, "/etc/apache2/sites-available/einbuergerung.conf", "vhost.conf",
                        changes, sizeof changes / sizeof *changes, (eb_owner_t){0, 0, 0644},
                        problem);
}

/* The password of Redis' user: the one that is there, or a new one. */
static apr_status_t find_password(eb_init_t *init, eb_problem_t **problem)
{
    apr_pool_t *pool = init->ctl->pool;
    const char *path = apr_pstrcat(pool, init->apache, "/redis-password", NULL), *old;
    char *fresh = apr_pcalloc(pool, 64);
    unsigned char bytes[24];
    apr_status_t rv = read_file(&old, below(init, path), pool);

    init->password = fresh;
    if (!rv)
        init->password = apr_pstrmemdup(pool, old, strcspn(old, "\r\n"));
    else if (rv != ENOENT)
        return cannot(problem, rv, "read", path, pool);
    else if ((rv = eb_random(bytes, sizeof bytes)) != APR_SUCCESS)
        return cannot(problem, rv, "made", path, pool);
    else
        eb_base64url(fresh, bytes, sizeof bytes);
    add(init, path, apr_pstrcat(pool, init->password, "\n", NULL), (eb_owner_t){0, 0, 0600});
    return APR_SUCCESS;
}

/* As Redis keeps it in its list: its SHA-256. */
static const char *password_hash(const eb_init_t *init)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int len = 0;
    eb_buf_t hex;

    eb_buf_init(&hex, 80, init->ctl->pool);
    EVP_Digest(init->password, strlen(init->password), digest, &len, EVP_sha256(), NULL);
    for (unsigned int i = 0; i < len; i++)
        eb_buf_printf(&hex, "%02x", digest[i]);
    return eb_buf_cstr(&hex);
}

static apr_status_t add_redis(eb_init_t *init, eb_problem_t **problem)
{
    apr_pool_t *pool = init->ctl->pool;
    const eb_owner_t owner = {0, init->redis, 0640};
    const change_t active[] = {
        {"# A Redis of its own", "# Written by einbuergerungctl init.\n# A Redis of its own"},
        {"#aclfile ", "aclfile "}};
    const change_t user[] = {{" on ", apr_pstrcat(pool, " on #", password_hash(init), " ", NULL)}};
    apr_status_t rv = add_template(init, "/etc/redis/redis-einbuergerung.conf", "redis.conf",
                                   active, 2, owner, problem);

    if (!rv)
        rv = add_template(init, "/etc/redis/einbuergerung-users.acl", "redis-users.acl", user, 1,
                          owner, problem);
    return rv;
}

static const char *security_text(const eb_init_t *init, time_t expires)
{
    char date[32];
    struct tm tm;

    strftime(date, sizeof date, "%Y-%m-%dT00:00:00Z", gmtime_r(&expires, &tm));
    return apr_psprintf(init->ctl->pool,
                        "# Written by einbuergerungctl init, which renews it as well (RFC 9116).\n"
                        "Contact: mailto:%s\nExpires: %s\nPreferred-Languages: de, en\n"
                        "Canonical: https://%s/.well-known/security.txt\n",
                        init->mail, date, init->host);
}

time_t eb_init_expires(const char *text)
{
    const char *line = text ? strstr(text, "\nExpires: ") : NULL;
    struct tm tm = {.tm_isdst = 0};

    return line && strptime(line + 10, "%Y-%m-%dT%H:%M:%S", &tm) ? timegm(&tm) : 0;
}

/* Only its day may have changed: that is renewed in good time, by whoever runs this again. */
static void add_security(eb_init_t *init)
{
    apr_pool_t *pool = init->ctl->pool;
    const char *path = apr_pstrcat(pool, init->state, "/security.txt", NULL), *old = NULL;
    const time_t now = (time_t)apr_time_sec(init->ctl->now), fresh = now + GOOD_DAYS * 86400;
    time_t expires = read_file(&old, below(init, path), pool) ? 0 : eb_init_expires(old);
    const bool late = expires && expires < now + RENEW_DAYS * 86400;

    add(init, path, security_text(init, expires ? expires : fresh), (eb_owner_t){0, 0, 0644});
    eb_init_file_t *file = &APR_ARRAY_IDX(init->files, init->files->nelts - 1, eb_init_file_t);
    if (!late || file->state != EB_INIT_SAME)
        return;
    file->state = EB_INIT_NEW;
    file->text.len = 0;
    eb_buf_puts(&file->text, security_text(init, fresh));
}

apr_status_t eb_init_plan(eb_init_t *init, eb_problem_t **problem)
{
    apr_status_t rv = find_password(init, problem);

    if (!rv)
        rv = add_vhost(init, problem);
    if (!rv)
        rv = add_redis(init, problem);
    if (!rv)
        add_security(init);
    return rv;
}

/* One that is there already keeps its rights. */
static apr_status_t make_folder(const eb_init_t *init, const char *path, eb_owner_t owner,
                                eb_problem_t **problem)
{
    const char *folder = below(init, path);
    struct stat info;

    if (stat(folder, &info) == 0 && S_ISDIR(info.st_mode))
        return APR_SUCCESS;
    apr_status_t rv = apr_dir_make_recursive(folder, APR_FPROT_OS_DEFAULT, init->ctl->pool);
    if (!rv && geteuid() == 0 && chown(folder, owner.uid, owner.gid))
        rv = errno;
    if (!rv && chmod(folder, owner.mode))
        rv = errno;
    return rv ? cannot(problem, rv, "made", folder, init->ctl->pool) : APR_SUCCESS;
}

static apr_status_t make_folders(const eb_init_t *init, eb_problem_t **problem)
{
    const struct {
        const char *path;
        eb_owner_t owner;
    } folders[] = {{init->apache, {0, 0, 0700}},
                   {"/etc/apache2/sites-available", {0, 0, 0755}},
                   {"/etc/redis", {0, init->redis, 0750}},
                   {init->state, {0, 0, 0755}},
                   {"/var/lib/einbuergerung/spool", {init->uid, init->gid, 0700}},
                   {init->folder, {init->uid, init->gid, 02770}}};
    apr_status_t rv = APR_SUCCESS;

    for (int i = 0; i < 6 && !rv; i++)
        rv = make_folder(init, folders[i].path, folders[i].owner, problem);
    return rv;
}

apr_status_t eb_init_write(eb_init_t *init, eb_problem_t **problem)
{
    apr_pool_t *pool = init->ctl->pool;
    const char *keys = below(init, apr_pstrcat(pool, init->apache, "/keys", NULL)), *name;
    apr_status_t rv = make_folders(init, problem);

    if (!rv && access(keys, F_OK) != 0)
        rv = eb_ctl_key_new(&name, keys, init->ctl, problem);
    for (int i = 0; i < init->files->nelts && !rv; i++) {
        eb_init_file_t *file = &APR_ARRAY_IDX(init->files, i, eb_init_file_t);
        const char *path = below(init, file->path);
        if (file->state == EB_INIT_SAME)
            continue;
        rv = eb_ctl_put(path, &file->text, &file->owner, pool);
        if (rv)
            return cannot(problem, rv, "written", path, pool);
    }
    return rv;
}
