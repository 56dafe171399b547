/* What can be wrong with an installation, one look after another. Nothing is changed. The checks go
 * on behind one that failed: whoever mends things wants to know all of them. */
#include "doctor.h"
#include "table.h"

#include <apr_hash.h>
#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void add(eb_doctor_t *d, const char *state, const char *subject, const char *what,
                const eb_problem_t *problem)
{
    json_array_append_new(d->found,
                          json_pack("{s:s, s:o, s:o, s:o, s:o}", "state", state, "subject",
                                    eb_json_text(subject, d->pool), "id",
                                    eb_json_text(problem ? problem->id : NULL, d->pool), "what",
                                    eb_json_text(what, d->pool), "remedy",
                                    eb_json_text(problem ? problem->remedy : NULL, d->pool)));
}

void eb_doctor_good(eb_doctor_t *d, const char *subject, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add(d, "good", subject, apr_pvsprintf(d->pool, format, args), NULL);
    va_end(args);
}

void eb_doctor_unknown(eb_doctor_t *d, const char *subject, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add(d, "unknown", subject, apr_pvsprintf(d->pool, format, args), NULL);
    va_end(args);
}

void eb_doctor_found(eb_doctor_t *d, eb_found_t how, const char *subject,
                     const eb_problem_t *problem)
{
    const char *what = problem->what;

    if (problem->where)
        what = apr_psprintf(d->pool, "%s: %s", problem->where, what);
    d->wrong += how == EB_FOUND_WRONG;
    add(d, how == EB_FOUND_WRONG ? "wrong" : "look", subject, what, problem);
}

void eb_doctor_wrong(eb_doctor_t *d, const char *subject, eb_problem_id_t id, const char *format,
                     ...)
{
    eb_problem_t *problem = NULL;
    va_list args;

    va_start(args, format);
    const char *what = apr_pvsprintf(d->pool, format, args);
    va_end(args);
    eb_problem_set(&problem, id, APR_EGENERAL, NULL, d->pool, "%s", what);
    eb_doctor_found(d, EB_FOUND_WRONG, subject, problem);
}

void eb_doctor_each(eb_doctor_t *d, const char *member,
                    void (*look)(eb_doctor_t *d, const json_t *vhost))
{
    apr_hash_t *seen = apr_hash_make(d->pool);
    apr_size_t i;
    json_t *vhost;

    json_array_foreach(d->config->vhosts, i, vhost)
    {
        const json_t *value = json_object_get(vhost, member);
        char *text = value ? json_dumps(value, JSON_ENCODE_ANY) : NULL;
        const char *key = text ? apr_pstrdup(d->pool, text) : NULL;

        free(text);
        if (!key || json_is_null(value) || apr_hash_get(seen, key, APR_HASH_KEY_STRING))
            continue;
        apr_hash_set(seen, key, APR_HASH_KEY_STRING, key);
        look(d, vhost);
    }
}

/* root may do everything, so a child becomes httpd's user and tries. */
static int try_as(const eb_config_t *config, const char *path, int mode)
{
    if (initgroups(config->user, (gid_t)config->gid) || setgid((gid_t)config->gid) ||
        setuid((uid_t)config->uid))
        return EPERM;
    return faccessat(AT_FDCWD, path, mode, AT_EACCESS) ? errno : 0;
}

int eb_doctor_may(const eb_doctor_t *d, const char *path, int mode)
{
    const eb_config_t *config = d->config;
    int status;

    if (geteuid() == 0 && config->user && config->uid) {
        pid_t pid = fork();
        if (pid == 0)
            _exit(try_as(config, path, mode) & 0xFF);
        if (pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status))
            return WEXITSTATUS(status);
        return -1;
    }
    if (geteuid() != 0 && config->uid && geteuid() != (uid_t)config->uid)
        return -1;
    return faccessat(AT_FDCWD, path, mode, AT_EACCESS) ? errno : 0;
}

/* The configuration, good or not; NULL when there is none to be had. */
static const eb_config_t *ask_httpd(eb_doctor_t *d)
{
    const eb_ctl_t *ctl = d->ctl;
    eb_httpd_answer_t answer;
    eb_config_t *config = NULL;

    eb_httpd_ask(&answer, EB_HTTPD_DUMP, ctl);
    const char *json = strchr(answer.out, '{');
    if (!answer.program)
        eb_doctor_wrong(d, "httpd", EB_P_CTL_HTTPD, "%s",
                        ctl->httpd ? ctl->httpd : "There is no apache2ctl, apache2 or httpd");
    else if (answer.code)
        eb_doctor_wrong(d, "configtest", EB_P_CTL_CONFIGTEST, "%s",
                        eb_httpd_reason(&answer, ctl->pool));
    else if (!json)
        eb_doctor_wrong(d, "module", EB_P_CTL_MODULE, "httpd says nothing about mod_einbuergerung");
    else
        eb_doctor_good(d, "configtest", "%s accepts its configuration", answer.program);
    if (json && eb_config_parse(&config, json, ctl->pool))
        eb_doctor_wrong(d, "configtest", EB_P_CTL_CONFIG, "The dump is of another version");
    return config;
}

static const eb_config_t *read_saved(eb_doctor_t *d)
{
    eb_problem_t *problem = NULL;
    eb_config_t *config = NULL;

    if (eb_config_load(&config, d->ctl, &problem))
        eb_doctor_found(d, EB_FOUND_WRONG, "configuration", problem);
    else
        eb_doctor_unknown(d, "configtest", "not run: the configuration is from %s", d->ctl->saved);
    return config;
}

/* Texts of several lines stay readable below each other. */
static void print_lines(const char *indent, const char *text)
{
    for (const char *line = text; *line;) {
        int len = (int)strcspn(line, "\n");
        printf("%s%.*s\n", line == text ? "" : indent, len, line);
        line += len + (line[len] == '\n');
    }
}

static void print(const eb_doctor_t *d)
{
    const char *indent = "         ";
    apr_size_t i;
    json_t *one;

    json_array_foreach(d->found, i, one)
    {
        const char *state = eb_config_text(one, "state"), *id = eb_config_text(one, "id"),
                   *remedy = eb_config_text(one, "remedy");
        printf("%-8s %s%s%s: ", strcmp(state, "wrong") == 0 ? "WRONG" : state, id ? id : "",
               id ? " " : "", eb_config_text(one, "subject"));
        print_lines(indent, eb_config_text(one, "what"));
        if (remedy)
            printf("%s-> %s\n", indent, remedy);
    }
    printf("\n%d looks, %d wrong.\n", (int)json_array_size(d->found), d->wrong);
}

int eb_ctl_doctor(eb_ctl_t *ctl)
{
    eb_doctor_t d = {.ctl = ctl, .found = json_array(), .pool = ctl->pool};

    d.config = ctl->saved ? read_saved(&d) : ask_httpd(&d);
    ctl->config = d.config;
    if (d.config) {
        eb_doctor_keys(&d);
        eb_doctor_spools(&d);
        eb_doctor_outputs(&d);
        eb_doctor_redis(&d);
        eb_doctor_outboxes(&d);
        eb_doctor_left(&d);
        eb_doctor_scanners(&d);
        eb_doctor_security(&d);
        eb_doctor_certificates(&d);
    }
    if (ctl->json)
        json_dumpf(d.found, stdout, JSON_INDENT(2));
    else
        print(&d);
    json_decref(d.found);
    return !d.config ? EB_EXIT_CONFIG : d.wrong ? EB_EXIT_WRONG : EB_EXIT_GOOD;
}
