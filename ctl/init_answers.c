/* Five questions. An answer by option is checked as strictly as a typed one, but not asked again:
 * who runs this from a script wants to hear of it at once. */
#include "init.h"
#include "base/utf8.h"

#include <apr_strings.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS  "0123456789"

typedef struct question_t {
    const char *option, *text, *standard; /* standard: what an empty answer means, or NULL */
    const char *expected;
    bool (*good)(const char *answer);
} question_t;

static bool all_of(const char *s, const char *set)
{
    return *s && strspn(s, set) == strlen(s);
}

static bool good_authority(const char *s)
{
    return all_of(s, DIGITS) && (strlen(s) == 8 || strlen(s) == 12);
}

/* Nothing that ends an argument of httpd's, or begins a variable in it. */
static bool good_text(const char *s)
{
    for (const char *p = s; *p; p++)
        if (iscntrl((unsigned char)*p) || strchr("\"\\$", *p))
            return false;
    return *s && strlen(s) <= 200 && eb_utf8_valid(s, strlen(s));
}

static bool good_host(const char *s)
{
    return all_of(s, LETTERS DIGITS "-.") && *s != '.' && *s != '-' && strlen(s) <= 253;
}

static bool good_mail(const char *s)
{
    const char *at = strchr(s, '@');
    return all_of(s, LETTERS DIGITS "-._+@") && at && at > s && strchr(at, '.') &&
           !strchr(at + 1, '@');
}

static bool good_folder(const char *s)
{
    return *s == '/' && good_text(s);
}

static bool good_scan(const char *s)
{
    return strcmp(s, "required") == 0 || strcmp(s, "optional") == 0 || strcmp(s, "off") == 0;
}

static const question_t asked[] = {
    {"--authority", "The authority's number (AGS or ARS)", NULL, "8 or 12 digits, as in 05711000",
     good_authority},
    {"--name", "Its name, as applicants know it", NULL,
     "a text without quotes, as in Stadt Musterstadt, Einbürgerungsbehörde", good_text},
    {"--host", "The host name of the service", NULL,
     "a name, as in einbuergerung.stadt-musterstadt.example", good_host},
    {"--mail", "The authority's e-mail address", NULL,
     "an address, as in einbuergerung@stadt-musterstadt.example", good_mail},
    {"--folder", "The folder in which applications arrive", "/srv/einbuergerung/eingang",
     "an absolute path", good_folder},
};

static const question_t given[] = {
    {"--certificate", NULL, NULL, "an absolute path", good_folder},
    {"--certificate-key", NULL, NULL, "an absolute path", good_folder},
    {"--scan", NULL, "required", "required, optional or off", good_scan},
    {"--share", NULL, "/usr/share/mod_einbuergerung", "an absolute path", good_folder},
};

/* A line without its end; NULL: no more lines. */
static const char *read_line(apr_pool_t *pool)
{
    char line[512];

    if (!fgets(line, sizeof line, stdin))
        return NULL;
    line[strcspn(line, "\r\n")] = '\0';
    return apr_pstrdup(pool, line);
}

static int wrong(const question_t *q)
{
    return eb_ctl_usage("%s: expected is %s", q->option, q->expected);
}

/* Asks until the answer is good; questions go to stderr, so that --json's stdout is clean. */
static int type_in(const char **answer, const question_t *q, apr_pool_t *pool)
{
    for (;;) {
        fprintf(stderr, q->standard ? "%s [%s]: " : "%s: ", q->text, q->standard);
        *answer = read_line(pool);
        if (!*answer)
            return wrong(q);
        if (!**answer && q->standard)
            *answer = q->standard;
        if (q->good(*answer))
            return EB_EXIT_GOOD;
        fprintf(stderr, "  Expected is %s.\n", q->expected);
    }
}

/* Without a text it is not asked for, only checked. */
static int take(const char **answer, const char *option, const question_t *q, const eb_ctl_t *ctl)
{
    *answer = option;
    if (option)
        return q->good(option) ? EB_EXIT_GOOD : wrong(q);
    if (q->text && !(ctl->yes && q->standard))
        return ctl->yes ? wrong(q) : type_in(answer, q, ctl->pool);
    *answer = q->standard;
    return EB_EXIT_GOOD;
}

/* A certificate of Let's Encrypt that is there, or the one that Debian makes for a beginning. */
static void find_certificate(eb_init_t *init)
{
    apr_pool_t *pool = init->ctl->pool;
    const char *live = apr_pstrcat(pool, "/etc/letsencrypt/live/", init->host, "/", NULL);
    const char *full = apr_pstrcat(pool, live, "fullchain.pem", NULL);
    bool have = access(full, F_OK) == 0;

    if (!init->certificate)
        init->certificate = have ? full : "/etc/ssl/certs/ssl-cert-snakeoil.pem";
    if (!init->certificate_key)
        init->certificate_key = have ? apr_pstrcat(pool, live, "privkey.pem", NULL)
                                     : "/etc/ssl/private/ssl-cert-snakeoil.key";
}

int eb_init_ask(eb_init_t *init)
{
    const eb_ctl_t *c = init->ctl;
    const char **const into[] = {&init->authority, &init->name, &init->host, &init->mail,
                                 &init->folder};
    const char *const option[] = {c->authority, c->name, c->host, c->mail, c->folder};
    const char **const more_into[] = {&init->certificate, &init->certificate_key, &init->scan,
                                      &init->share};
    const char *const more[] = {c->certificate, c->certificate_key, c->scan, c->share};
    int code = EB_EXIT_GOOD;

    if (!c->certificate != !c->certificate_key)
        return eb_ctl_usage("--certificate and --certificate-key go together");
    for (int i = 0; i < 4 && !code; i++)
        code = take(more_into[i], more[i], &given[i], c);
    for (int i = 0; i < 5 && !code; i++)
        code = take(into[i], option[i], &asked[i], c);
    if (!code)
        find_certificate(init);
    return code;
}
