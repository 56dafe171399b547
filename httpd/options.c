/* Options are read in one way, whatever they are about, so that their complaints sound alike. */
#include "options.h"

#include <apr_lib.h>

typedef struct word_t {
    cmd_parms *cmd;
    const eb_option_t *row;
    const char *example, *value;
    void *member;
} word_t;

static const char *not_a(const word_t *w, const char *what)
{
    return eb_complain(w->cmd, w->example, "%s=%s is not %s", w->row->name, w->value, what);
}

static const char *set_text(const word_t *w)
{
    const char *fault = eb_text_fault(w->value);

    if (fault != NULL)
        return eb_complain(w->cmd, w->example, "%s=: %s", w->row->name, fault);
    if (w->row->kind == EB_OPTION_WORD && strpbrk(w->value, " \t\"") != NULL)
        return not_a(w, "one word");
    *(const char **)w->member = w->value;
    return NULL;
}

static const char *set_file(const word_t *w)
{
    const char *file = *w->value == '\0' ? NULL : ap_server_root_relative(w->cmd->pool, w->value);

    if (file == NULL)
        return not_a(w, "a file name");
    *(const char **)w->member = file;
    return NULL;
}

static bool has_host(const char *value, const char *scheme)
{
    const apr_size_t len = strlen(scheme);

    return strncmp(value, scheme, len) == 0 && (apr_isalnum(value[len]) || value[len] == '[') &&
           strpbrk(value, " \"<>\\#@") == NULL;
}

static const char *set_url(const word_t *w)
{
    char *url = apr_pstrdup(w->cmd->pool, w->value);
    apr_size_t len = strlen(url);
    bool proxy = w->row->kind == EB_OPTION_PROXY;

    if (eb_text_fault(url) != NULL ||
        (!has_host(url, "https://") && !(proxy && has_host(url, "http://"))))
        return not_a(w, proxy ? "an http address" : "an https address");
    if (url[len - 1] == '/')
        url[len - 1] = '\0';
    *(const char **)w->member = url;
    return NULL;
}

static const char *set_uuid(const word_t *w)
{
    char *uuid = apr_pstrdup(w->cmd->pool, w->value);

    ap_str_tolower(uuid);
    if (!eb_uuid_valid(uuid))
        return not_a(w, "a UUID");
    *(const char **)w->member = uuid;
    return NULL;
}

static const char *set_seconds(const word_t *w)
{
    char *end;
    apr_int64_t n = apr_strtoi64(w->value, &end, 10);

    if (*w->value == '\0' || *end != '\0' || n < w->row->min || n > w->row->max)
        return not_a(w, apr_psprintf(w->cmd->temp_pool, "a number of seconds from %d to %d",
                                     w->row->min, w->row->max));
    *(apr_interval_time_t *)w->member = apr_time_from_sec(n);
    return NULL;
}

static const char *set(const word_t *w)
{
    switch (w->row->kind) {
    case EB_OPTION_TEXT:
    case EB_OPTION_WORD: return set_text(w);
    case EB_OPTION_SECRET: return eb_secret_file(w->member, w->cmd, w->example, w->value);
    case EB_OPTION_FILE: return set_file(w);
    case EB_OPTION_HTTPS:
    case EB_OPTION_PROXY: return set_url(w);
    case EB_OPTION_UUID: return set_uuid(w);
    case EB_OPTION_SIZE: return eb_size_of(w->member, w->cmd, w->value, w->example);
    case EB_OPTION_SECONDS: return set_seconds(w);
    case EB_OPTION_FLAG: *(bool *)w->member = true; break;
    }
    return NULL;
}

static const char *list(const eb_option_t *rows, apr_pool_t *p)
{
    const char *names = "";

    for (const eb_option_t *row = rows; row->name != NULL; row++)
        names = apr_pstrcat(p, names, row == rows ? "" : " ", row->name,
                            row->kind == EB_OPTION_FLAG ? "" : "=", NULL);
    return names;
}

/* NULL where there is none of this name, or it lacks its value, or has one that it does not take.
 */
static const eb_option_t *find(const eb_option_t *rows, const char *word, apr_size_t len,
                               bool value)
{
    for (; rows->name != NULL; rows++)
        if (strncasecmp(rows->name, word, len) == 0 && rows->name[len] == '\0')
            return value == (rows->kind != EB_OPTION_FLAG) ? rows : NULL;
    return NULL;
}

const char *eb_options_read(void *conf, const eb_option_t *rows, const char *example,
                            cmd_parms *cmd, int argc, char *const argv[])
{
    for (int i = 0; i < argc; i++) {
        const apr_size_t len = strcspn(argv[i], "=");
        const bool value = argv[i][len] == '=';
        const eb_option_t *row = find(rows, argv[i], len, value);
        const char *error;

        if (row == NULL)
            return eb_complain(cmd, example, "\"%s\" is not understood; there are %s", argv[i],
                               list(rows, cmd->temp_pool));
        error = set(
            &(word_t){cmd, row, example, argv[i] + len + (value ? 1 : 0), (char *)conf + row->at});
        if (error != NULL)
            return error;
    }
    return NULL;
}
