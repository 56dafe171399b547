/* The access token: fetched by whoever needs it first, while the others wait for that one answer
 * and share it, until a minute before it ends. What the token service refuses it refuses to all of
 * them for some minutes; a client that knocks for each waiting job would be locked out.
 *
 * The secret travels in the body (client_secret_post), which is wiped behind it, and neither it nor
 * an answer of the token service ever gets into a problem. */
#include "api.h"
#include "json.h"
#include "base/seal.h"

#include <apr_errno.h>
#include <apr_escape.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <apr_thread_mutex.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SECRET_MAX = 1024, TOKEN_MAX = 8192, MODE_REFUSED = 0137, LIFE_MAX = 86400, MARGIN = 60 };
#define REFUSAL apr_time_from_sec(300)

struct eb_fit_tokens_t {
    char secret[SECRET_MAX + 2];
    apr_thread_mutex_t *mutex; /* held while one is fetched */
    char token[TOKEN_MAX + 1]; /* "": none */
    apr_time_t until;
    apr_time_t refused; /* when the client was, 0 = it was not */
    char error[64];     /* what for */
};

static apr_status_t wipe(void *tokens)
{
    eb_wipe(tokens, sizeof(eb_fit_tokens_t));
    return APR_SUCCESS;
}

static apr_status_t unusable(const char *file, apr_status_t rv, const char *why,
                             eb_problem_t **problem, apr_pool_t *pool)
{
    return eb_problem_set(problem, EB_P_FIT_SECRET, rv, file, pool, "%s", why);
}

/* The opened file is examined, not its name. One line, whose end does not count. */
static apr_status_t read_secret(char *secret, const char *file, eb_problem_t **problem,
                                apr_pool_t *pool)
{
    const int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat info = {0};

    if (fd < 0)
        return unusable(file, errno, strerror(errno), problem, pool);
    const bool known = fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
    const ssize_t len = known ? read(fd, secret, SECRET_MAX + 1) : -1;
    close(fd);
    if (len < 0)
        return unusable(file, APR_EBADPATH, "it is not a file", problem, pool);
    if (info.st_mode & MODE_REFUSED)
        return unusable(file, APR_EACCES,
                        apr_psprintf(pool, "it has mode 0%03o; at most 0640 is accepted",
                                     (unsigned)(info.st_mode & 07777)),
                        problem, pool);
    secret[len] = '\0';
    secret[strcspn(secret, "\r\n")] = '\0';
    if (!*secret || len > SECRET_MAX)
        return unusable(file, APR_EINVAL, "a line of 1 to 1024 bytes is expected", problem, pool);
    return APR_SUCCESS;
}

apr_status_t eb_fit_tokens_create(eb_fit_tokens_t **tokens, const char *secret_file,
                                  eb_problem_t **problem, apr_pool_t *pool)
{
    *tokens = apr_pcalloc(pool, sizeof **tokens);
    apr_pool_cleanup_register(pool, *tokens, wipe, apr_pool_cleanup_null);
    apr_status_t rv = read_secret((*tokens)->secret, secret_file, problem, pool);

    if (!rv)
        rv = apr_thread_mutex_create(&(*tokens)->mutex, APR_THREAD_MUTEX_DEFAULT, pool);
    return rv;
}

static bool token_good(const char *token)
{
    apr_size_t len = token ? strlen(token) : 0;

    for (apr_size_t i = 0; i < len; i++)
        if (!apr_isalnum(token[i]) && !strchr("-._~+/=", token[i]))
            return false;
    return len >= 1 && len <= TOKEN_MAX;
}

static eb_step_result_t not_understood(const eb_fit_call_t *call)
{
    eb_problem_set(call->problem, EB_P_FIT_ANSWER, APR_EINVAL, NULL, call->pool,
                   "The token service %s gives no token of type Bearer",
                   eb_http_host(call->fit->s.token_url, call->pool));
    return EB_STEP_WAIT;
}

static eb_step_result_t keep_token(eb_fit_tokens_t *t, const eb_http_answer_t *answer,
                                   const eb_fit_call_t *call)
{
    json_t *json;

    if (eb_json_read(&json, answer->body, answer->len, 4 * TOKEN_MAX, call->pool))
        return not_understood(call);
    const char *token = eb_json_member(json, "access_token"),
               *type = eb_json_member(json, "token_type");
    const json_int_t seconds = json_integer_value(json_object_get(json, "expires_in"));
    if (!token_good(token) || !type || strcasecmp(type, "Bearer") != 0 || seconds < 1 ||
        seconds > LIFE_MAX)
        return not_understood(call);
    apr_cpystrn(t->token, token, sizeof t->token);
    t->until =
        call->now + apr_time_from_sec(seconds - (seconds > 2 * MARGIN ? MARGIN : seconds / 2));
    t->refused = 0;
    return EB_STEP_FORWARD;
}

static eb_step_result_t refused(const eb_fit_tokens_t *t, const eb_fit_call_t *call)
{
    eb_problem_set(call->problem, EB_P_FIT_CLIENT, APR_EACCES, NULL, call->pool,
                   "The token service %s refuses the client %s: %s",
                   eb_http_host(call->fit->s.token_url, call->pool), call->fit->s.client_id,
                   t->error);
    return EB_STEP_HOLD;
}

static bool refuses_client(int status)
{
    return status == 400 || status == 401 || status == 403;
}

/* Only a code of RFC 6749 is repeated; what else an answer says may echo the secret. */
static eb_step_result_t keep_refusal(eb_fit_tokens_t *t, const eb_http_answer_t *answer,
                                     const eb_fit_call_t *call)
{
    json_t *json;
    const char *error = NULL;

    if (!eb_json_read(&json, answer->body, answer->len, 4 * TOKEN_MAX, call->pool))
        error = eb_json_member(json, "error");
    if (!error || strlen(error) >= sizeof t->error ||
        strspn(error, "abcdefghijklmnopqrstuvwxyz_") != strlen(error))
        error = apr_psprintf(call->pool, "status %d", answer->status);
    apr_cpystrn(t->error, error, sizeof t->error);
    t->refused = call->now;
    return refused(t, call);
}

static eb_step_result_t judge(eb_fit_tokens_t *t, const eb_http_answer_t *answer,
                              const eb_fit_call_t *call)
{
    const int status = answer->status;

    if (status == 200)
        return keep_token(t, answer, call);
    if (refuses_client(status))
        return keep_refusal(t, answer, call);
    const bool again = status == 408 || status == 429 || status < 400 || status >= 500;
    eb_problem_set(call->problem,
                   !again         ? EB_P_FIT_REFUSED
                   : status < 400 ? EB_P_FIT_ANSWER
                                  : EB_P_FIT_BUSY,
                   APR_EGENERAL, NULL, call->pool, "The token service %s answers status %d",
                   eb_http_host(call->fit->s.token_url, call->pool), status);
    if (call->job && answer->retry_after)
        call->job->due = call->now + answer->retry_after;
    return again ? EB_STEP_WAIT : EB_STEP_HOLD;
}

static eb_step_result_t fetch(eb_fit_tokens_t *t, const eb_fit_call_t *call)
{
    const eb_fitconnect_settings_t *s = &call->fit->s;
    char *secret = (char *)apr_pescape_urlencoded(call->pool, t->secret);
    char *body = apr_pstrcat(call->pool, "grant_type=client_credentials&client_id=",
                             apr_pescape_urlencoded(call->pool, s->client_id),
                             "&client_secret=", secret, NULL);
    const eb_http_request_t request = {.method = "POST",
                                       .url = s->token_url,
                                       .type = "application/x-www-form-urlencoded",
                                       .accept = "application/json",
                                       .body = body,
                                       .len = strlen(body)};
    eb_http_answer_t answer;
    apr_status_t rv =
        eb_http_ask(&answer, call->fit->http, &request, call->stop, call->problem, call->pool);

    if (secret != t->secret) /* it is, where nothing had to be escaped */
        eb_wipe(secret, strlen(secret));
    eb_wipe(body, request.len);
    if (rv)
        return eb_fit_failed(rv, call);
    eb_step_result_t result = judge(t, &answer, call);
    eb_wipe((char *)answer.body, answer.len);
    return result;
}

eb_step_result_t eb_fit_token(const char **token, const eb_fit_call_t *call)
{
    eb_fit_tokens_t *t = call->fit->tokens;
    eb_step_result_t result = EB_STEP_FORWARD;

    apr_thread_mutex_lock(t->mutex);
    if (!*t->token || t->until <= call->now) {
        *t->token = '\0';
        result = t->refused && call->now < t->refused + REFUSAL && call->now >= t->refused
                     ? refused(t, call)
                     : fetch(t, call);
    }
    if (result == EB_STEP_FORWARD)
        *token = apr_pstrdup(call->pool, t->token);
    apr_thread_mutex_unlock(t->mutex);
    return result;
}

void eb_fit_token_drop(const eb_fit_call_t *call, const char *token)
{
    eb_fit_tokens_t *t = call->fit->tokens;

    apr_thread_mutex_lock(t->mutex);
    if (strcmp(t->token, token) == 0)
        *t->token = '\0';
    apr_thread_mutex_unlock(t->mutex);
}
