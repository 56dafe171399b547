/* The scripted XTA server (t/lib/xta_server.pl) for unit tests: a child that is told line by line
 * what to do, and ends with the test. */
#ifndef XTA_SERVER_H
#define XTA_SERVER_H

#include "tap.h"
#include "delivery/xta/xta.h"

#include <apr_hash.h>
#include <apr_strings.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct xta_server_t {
    pid_t pid;
    FILE *to, *from;
    apr_hash_t *facts;
    apr_pool_t *pool;
} xta_server_t;

/* The fact of a name, or NULL. */
static inline const char *xta_fact(const xta_server_t *server, const char *name)
{
    return apr_hash_get(server->facts, name, APR_HASH_KEY_STRING);
}

static inline pid_t xta_spawn(int *to, int *from)
{
    int in[2], out[2];

    if (pipe(in) || pipe(out))
        return -1;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(in[0], 0);
        dup2(out[1], 1);
        for (int fd = 3; fd < 20; fd++)
            close(fd);
        execlp("perl", "perl", "t/lib/xta_server.pl", NULL);
        _exit(1);
    }
    close(in[0]);
    close(out[1]);
    *to = in[1];
    *from = out[0];
    return pid;
}

/* NULL: it cannot run here; *why says what is missing. */
static inline xta_server_t *xta_server(const char **why, apr_pool_t *pool)
{
    xta_server_t *s = apr_pcalloc(pool, sizeof *s);
    char line[1000];
    int to = -1, from = -1;

    s->pool = pool;
    s->facts = apr_hash_make(pool);
    signal(SIGPIPE, SIG_IGN);
    s->pid = xta_spawn(&to, &from);
    s->to = fdopen(to, "w");
    s->from = fdopen(from, "r");
    *why = "the scripted server does not start";
    while (s->from && fgets(line, sizeof line, s->from)) {
        char *value = strchr(line, '=');
        line[strcspn(line, "\n")] = '\0';
        if (!value)
            continue;
        *value++ = '\0';
        if (!strcmp(line, "missing"))
            *why = apr_pstrdup(pool, value);
        apr_hash_set(s->facts, apr_pstrdup(pool, line), APR_HASH_KEY_STRING,
                     apr_pstrdup(pool, value));
        if (!strcmp(line, "ready"))
            return s;
    }
    return NULL;
}

/* What it answers to a line. */
static inline const char *xta_tell(xta_server_t *s, const char *line)
{
    char answer[2000] = "";

    fprintf(s->to, "%s\n", line);
    fflush(s->to);
    if (!fgets(answer, sizeof answer, s->from))
        return "it is gone";
    answer[strcspn(answer, "\n")] = '\0';
    return apr_pstrdup(s->pool, answer);
}

static inline void xta_server_end(xta_server_t *s)
{
    fclose(s->to);
    fclose(s->from);
    waitpid(s->pid, NULL, 0);
}

static inline eb_xta_settings_t xta_settings(const xta_server_t *s)
{
    return (eb_xta_settings_t){
        .management_url = xta_fact(s, "management"),
        .send_url = xta_fact(s, "send"),
        .msgbox_url = xta_fact(s, "msgbox"),
        .cert_file = xta_fact(s, "cert"),
        .key_file = xta_fact(s, "key"),
        .ca_file = xta_fact(s, "ca"),
        .author = {.id = xta_fact(s, "author"), .name = "Portal \"<&>\"", .category = "Portal"},
        .reader = {.id = xta_fact(s, "reader"), .name = "Einb\xC3\xBCrgerungsbeh\xC3\xB6rde"},
        .service = xta_fact(s, "service"),
        .scenario = {.code = xta_fact(s, "scenario")},
        .message_type = {xta_fact(s, "message_type"), xta_fact(s, "message_list"),
                         xta_fact(s, "message_version")},
    };
}

#endif
