/* Catalogues are what lies in the folder "languages" of the share. A language is offered by itself
 * when next to nothing of it is missing; an operator may name others. Plain German is for finding
 * one's way in: what it leaves out is in German anyway, so only its pages around the form count. */
#include "languages.h"
#include "directives.h"

#include <apr_fnmatch.h>
#include <apr_lib.h>
#include <stdlib.h>

#define COMPLETE(texts, missing) ((missing)*20 <= (texts)) /* 95 of 100 texts */

/* --- the directive --- */

const char *eb_languages_directive(cmd_parms *cmd, void *conf, int argc, char *const argv[])
{
    eb_server_t *server = eb_server_of(cmd->server);
    const char *error = eb_misplaced(cmd, conf, server->languages_at);
    apr_array_header_t *list = apr_array_make(cmd->pool, argc, sizeof(char *));

    if (error == NULL && argc == 0)
        error = eb_complain(cmd, "de en tr", "no language is named");
    for (int i = 0; error == NULL && i < argc; i++) {
        apr_size_t len = strlen(argv[i]);

        if (len < 2 || len > 15 || argv[i][strspn(argv[i], "abcdefghijklmnopqrstuvwxyz-")] != '\0')
            error = eb_complain(cmd, "de en tr", "\"%s\" is no code of a language", argv[i]);
        APR_ARRAY_PUSH(list, const char *) = argv[i];
    }
    if (error == NULL)
        EB_SET(server, languages, list);
    return error;
}

/* --- loading --- */

void eb_languages_want(eb_loader_t *loader, const server_rec *main_server)
{
    for (const server_rec *s = main_server; s != NULL; s = s->next) {
        const apr_array_header_t *list = eb_server_languages(eb_server_of(s));

        if (list == NULL)
            loader->want_all = true;
        for (int i = 0; list != NULL && i < list->nelts; i++)
            apr_hash_set(loader->wanted, APR_ARRAY_IDX(list, i, const char *), APR_HASH_KEY_STRING,
                         "");
    }
}

/* A catalogue that no server offers costs nothing. */
static bool may_be_offered(const eb_loader_t *loader, const char *name)
{
    return loader->want_all || apr_hash_get(loader->wanted, name, strcspn(name, ".")) != NULL;
}

/* Its pages are there; whether the form is will be seen when that is loaded. */
static bool ready(eb_words_t *words, apr_pool_t *pool)
{
    int texts, missing;

    eb_texts_make(words, pool);
    eb_words_texts(words, &texts, &missing);
    return COMPLETE(texts, missing);
}

static apr_status_t load_one(eb_languages_t *all, eb_loader_t *loader, const char *file,
                             const eb_codelists_t *lists, eb_problem_t **problem)
{
    eb_words_t *words;
    apr_pool_t *scratch;
    apr_status_t rv = eb_words_load(&words, file, problem, loader->pool);
    bool use;

    if (rv != APR_SUCCESS)
        return rv;
    apr_pool_create(&scratch, loader->pool);
    use = ready(words, scratch);
    apr_pool_destroy(scratch);
    if (apr_hash_get(loader->wanted, eb_words_language(words), APR_HASH_KEY_STRING) != NULL)
        use = true;
    if (use && all->count < EB_LANGUAGES_MAX)
        all->speeches[all->count++] =
            (eb_speech_t){words, eb_codelists_say(lists, words, loader->pool)};
    return APR_SUCCESS;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

apr_status_t eb_languages_load(const eb_languages_t **languages, eb_loader_t *loader,
                               const char *share, const eb_codelists_t *lists,
                               eb_problem_t **problem)
{
    apr_pool_t *pool = loader->pool;
    eb_languages_t *all = apr_pcalloc(pool, sizeof(*all));
    apr_array_header_t *names;
    apr_status_t rv;

    *languages = apr_hash_get(loader->languages, share, APR_HASH_KEY_STRING);
    if (*languages != NULL)
        return APR_SUCCESS;
    all->speeches = apr_pcalloc(pool, EB_LANGUAGES_MAX * sizeof(eb_speech_t));
    all->speeches[all->count++] = (eb_speech_t){NULL, lists};
    rv = apr_match_glob(apr_pstrcat(pool, share, "/languages/*.mo", NULL), &names, pool);
    if (rv != APR_SUCCESS) /* no folder, no other language */
        names = apr_array_make(pool, 0, sizeof(char *));
    qsort(names->elts, names->nelts, sizeof(char *), compare_names);
    rv = APR_SUCCESS;
    for (int i = 0; rv == APR_SUCCESS && i < names->nelts; i++) {
        const char *name = APR_ARRAY_IDX(names, i, const char *);

        if (may_be_offered(loader, name))
            rv = load_one(all, loader, apr_pstrcat(pool, share, "/languages/", name, NULL), lists,
                          problem);
    }
    if (rv != APR_SUCCESS)
        return rv;
    apr_hash_set(loader->languages, share, APR_HASH_KEY_STRING, all);
    *languages = all;
    return APR_SUCCESS;
}

/* --- what a place offers --- */

static bool complete(const eb_words_t *words)
{
    int texts, missing;

    eb_words_texts(words, &texts, &missing);
    return words == NULL || strncmp(eb_words_language(words), "de-", 3) == 0 ||
           COMPLETE(texts, missing);
}

static const char *below(const eb_form_use_t *use, const char *code, apr_pool_t *pool)
{
    return apr_pstrcat(pool, use->base, "/", code, NULL);
}

static void offer(eb_form_use_t *use, eb_tongue_t *list, int number, apr_pool_t *pool)
{
    const eb_words_t *words = use->edition->in[number]->form->words;
    const char *code = eb_words_language(words);

    if (use->tongues_count > 0 && eb_tongue_find(use, code, strlen(code)) != NULL)
        return;
    list[use->tongues_count++] = (eb_tongue_t){code, eb_words_name(words), eb_words_rtl(words),
                                               below(use, code, pool), number};
}

static int number_of(const eb_edition_t *edition, const char *code)
{
    for (int i = 0; i < edition->count; i++)
        if (strcmp(eb_words_language(edition->in[i]->form->words), code) == 0)
            return i;
    return -1;
}

apr_status_t eb_languages_offer(eb_form_use_t *use, const eb_server_t *server,
                                eb_problem_t **problem, apr_pool_t *pool)
{
    const apr_array_header_t *chosen = eb_server_languages(server);
    eb_tongue_t *list = apr_pcalloc(pool, use->edition->count * sizeof(*list));

    use->tongues = list;
    use->tongues_count = 0;
    offer(use, list, 0, pool);
    for (int i = 1; chosen == NULL && i < use->edition->count; i++)
        if (complete(use->edition->in[i]->form->words))
            offer(use, list, i, pool);
    for (int i = 0; chosen != NULL && i < chosen->nelts; i++) {
        const char *code = APR_ARRAY_IDX(chosen, i, const char *);
        int number = number_of(use->edition, code);

        if (number < 0)
            return eb_problem_set(
                problem, EB_P_LANGUAGE, APR_NOTFOUND, eb_where(server->languages_at, pool), pool,
                "There is no catalogue %s/languages/%s.mo", eb_server_share(server), code);
        offer(use, list, number, pool);
    }
    for (int i = 0; i < use->tongues_count; i++)
        if (eb_form_step(use->edition->form, list[i].code) != NULL)
            return eb_problem_set(problem, EB_P_LANGUAGE, APR_EINVAL, use->edition->form->file,
                                  pool, "The step \"%s\" is called as a language that is offered",
                                  list[i].code);
    return APR_SUCCESS;
}

/* --- what a request asks for --- */

const eb_tongue_t *eb_tongue_find(const eb_form_use_t *use, const char *code, apr_size_t len)
{
    for (int i = 0; i < use->tongues_count; i++)
        if (strncasecmp(use->tongues[i].code, code, len) == 0 && use->tongues[i].code[len] == '\0')
            return &use->tongues[i];
    return NULL;
}

/* "tr", "tr-TR"; plain German has to be asked for by its whole name. */
static const eb_tongue_t *match(const eb_form_use_t *use, const char *range, apr_size_t len)
{
    const eb_tongue_t *whole = eb_tongue_find(use, range, len);

    return whole != NULL ? whole : eb_tongue_find(use, range, strcspn(range, "-,; \t"));
}

/* ";q=0.8" in thousandths. */
static int quality(const char *s)
{
    int value = 0;

    s += strspn(s, " \t");
    if (*s != ';')
        return 1000;
    s += 1 + strspn(s + 1, " \t");
    if (strncasecmp(s, "q=", 2) != 0)
        return 1000;
    value = s[2] == '1' ? 1000 : 0;
    if (s[2] == '0' && s[3] == '.')
        for (int i = 0, unit = 100; i < 3 && apr_isdigit(s[4 + i]); i++, unit /= 10)
            value += (s[4 + i] - '0') * unit;
    return value;
}

const eb_tongue_t *eb_tongue_wanted(const eb_form_use_t *use, const char *accept)
{
    const eb_tongue_t *best = NULL;
    int best_quality = 0;

    for (const char *s = accept; s != NULL && *s != '\0'; s += strcspn(s, ",")) {
        s += strspn(s, ", \t");
        apr_size_t len = strcspn(s, ",; \t");
        const eb_tongue_t *tongue = len > 0 ? match(use, s, len) : NULL;

        if (tongue != NULL && quality(s + len) > best_quality) {
            best = tongue;
            best_quality = quality(s + len);
        }
    }
    return best != NULL ? best : &use->tongues[0];
}
