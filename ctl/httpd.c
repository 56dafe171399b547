/* Asking httpd. Debian's apache2 needs the environment of /etc/apache2/envvars, which apache2ctl
 * reads; so the control programs are tried first. Its two streams go into files without names, as
 * one of two pipes could fill up while the other is read. */
#include "config.h"

#include <apr_file_info.h>
#include <apr_strings.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ANSWER_MAX = 64 * 1024 * 1024 };

static const char *in_folders(const char *name, apr_pool_t *pool)
{
    const char *path = getenv("PATH");
    char *folders = apr_pstrcat(
        pool, "/usr/sbin:/usr/local/apache2/bin:/usr/local/sbin:", path ? path : "", NULL);
    char *state, *folder;

    for (folder = apr_strtok(folders, ":", &state); folder;
         folder = apr_strtok(NULL, ":", &state)) {
        const char *file = apr_pstrcat(pool, folder, "/", name, NULL);
        if (access(file, X_OK) == 0)
            return file;
    }
    return NULL;
}

static const char *find_httpd(const eb_ctl_t *ctl)
{
    static const char *const names[] = {"apache2ctl", "apachectl", "apache2", "httpd"};
    const char *file = NULL;

    if (ctl->httpd)
        return access(ctl->httpd, X_OK) == 0 ? ctl->httpd : NULL;
    for (int i = 0; i < 4 && !file; i++)
        file = in_folders(names[i], ctl->pool);
    return file;
}

static void become_httpd(const eb_ctl_t *ctl, const char *program, const char *define, FILE *out,
                         FILE *err)
{
    const char *argv[10] = {program, "-t", "-D", define};
    int argc = 4;

    if (ctl->root) {
        argv[argc++] = "-d";
        argv[argc++] = ctl->root;
    }
    if (ctl->conf) {
        argv[argc++] = "-f";
        argv[argc++] = ctl->conf;
    }
    if (dup2(fileno(out), STDOUT_FILENO) >= 0 && dup2(fileno(err), STDERR_FILENO) >= 0)
        execv(program, (char *const *)argv);
    _exit(127);
}

static const char *content(FILE *file, apr_pool_t *pool)
{
    long len = fseek(file, 0, SEEK_END) ? 0 : ftell(file);
    if (len < 0 || len > ANSWER_MAX)
        len = 0;
    char *text = apr_palloc(pool, (apr_size_t)len + 1);

    rewind(file);
    text[fread(text, 1, (apr_size_t)len, file)] = '\0';
    return text;
}

void eb_httpd_ask(eb_httpd_answer_t *answer, const char *define, const eb_ctl_t *ctl)
{
    FILE *out = tmpfile(), *err = tmpfile();
    int status = -1;

    *answer = (eb_httpd_answer_t){find_httpd(ctl), 127, "", ""};
    if (answer->program && out && err) {
        pid_t pid = fork();
        if (pid == 0)
            become_httpd(ctl, answer->program, define, out, err);
        if (pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status))
            answer->code = WEXITSTATUS(status);
        answer->out = content(out, ctl->pool);
        answer->err = content(err, ctl->pool);
    }
    if (out)
        fclose(out);
    if (err)
        fclose(err);
}

const char *eb_httpd_reason(const eb_httpd_answer_t *answer, apr_pool_t *pool)
{
    char *copy = apr_pstrdup(pool, answer->err), *state, *line;
    const char *list = NULL;

    for (line = apr_strtok(copy, "\n", &state); line; line = apr_strtok(NULL, "\n", &state)) {
        const char *id = strstr(line, ": EB0");
        if (id)
            list = apr_pstrcat(pool, list ? list : "", list ? "\n" : "", id + 2, NULL);
    }
    return list ? list : answer->err;
}
