/* The first start: five answers become a key file, a vhost, a Redis with an access list and a
 * security.txt. All is looked at before anything is written. */
#include "init.h"

#include <apr_strings.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>

static void find_users(eb_init_t *init)
{
    const struct passwd *httpd = getpwnam("www-data");
    const struct group *redis = getgrnam("redis");

    init->uid = httpd ? httpd->pw_uid : 0;
    init->gid = httpd ? httpd->pw_gid : 0;
    init->redis = redis ? redis->gr_gid : 0;
}

/* The first file that an operator has changed; NULL: there is none. */
static const eb_init_file_t *find_other(const eb_init_t *init)
{
    for (int i = 0; i < init->files->nelts; i++) {
        const eb_init_file_t *file = &APR_ARRAY_IDX(init->files, i, eb_init_file_t);
        if (file->state == EB_INIT_OTHER)
            return file;
    }
    return NULL;
}

static const char *const next[] = {
    "a2enmod einbuergerung ssl headers reqtimeout alias",
    "a2ensite einbuergerung",
    "adduser www-data redis",
    "systemctl enable --now redis-server@einbuergerung",
    "systemctl restart apache2",
    "einbuergerungctl doctor",
};

enum { NEXT = sizeof next / sizeof *next };

static void tell_json(const eb_init_t *init)
{
    json_t *files = json_array(), *then = json_array();

    for (int i = 0; i < init->files->nelts; i++) {
        const eb_init_file_t *file = &APR_ARRAY_IDX(init->files, i, eb_init_file_t);
        json_array_append_new(files, json_pack("{s:s, s:b}", "path", file->path, "changed",
                                               file->state != EB_INIT_SAME));
    }
    for (int i = 0; i < NEXT; i++)
        json_array_append_new(then, json_string(next[i]));
    json_t *all = json_pack("{s:o, s:o}", "files", files, "next", then);
    json_dumpf(all, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(all);
}

static int tell(const eb_init_t *init)
{
    if (init->ctl->json) {
        tell_json(init);
        return EB_EXIT_GOOD;
    }
    for (int i = 0; i < init->files->nelts; i++) {
        const eb_init_file_t *file = &APR_ARRAY_IDX(init->files, i, eb_init_file_t);
        printf("%-9s %s\n", file->state == EB_INIT_SAME ? "unchanged" : "written", file->path);
    }
    printf("\nKeep a copy of %s/keys where you keep other keys.\nThen, as root:\n\n", init->apache);
    for (int i = 0; i < NEXT; i++)
        printf("    %s\n", next[i]);
    return EB_EXIT_GOOD;
}

int eb_ctl_init(eb_ctl_t *ctl)
{
    eb_init_t init = {.ctl = ctl,
                      .target = ctl->target ? ctl->target : "",
                      .apache = "/etc/apache2/einbuergerung",
                      .state = "/var/lib/einbuergerung",
                      .files = apr_array_make(ctl->pool, 8, sizeof(eb_init_file_t))};
    eb_problem_t *problem = NULL;
    int code = eb_init_ask(&init);

    if (code)
        return code;
    find_users(&init);
    if (eb_init_plan(&init, &problem))
        return eb_ctl_complain(ctl, problem);
    const eb_init_file_t *other = ctl->force ? NULL : find_other(&init);
    if (other) {
        eb_problem_set(&problem, EB_P_INIT_OTHER, APR_EEXIST, other->path, ctl->pool,
                       "It is there, and is not what these answers make; nothing was written");
        return eb_ctl_complain(ctl, problem);
    }
    if (eb_init_write(&init, &problem))
        return eb_ctl_complain(ctl, problem);
    return tell(&init);
}
