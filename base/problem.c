/* Problems travel upwards as values; the wording of a class of problems lives in problems.def only,
 * so that the log, the status page and the documentation cannot drift apart. */
#include "problem.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

typedef struct row_t {
    const char *id, *cause, *remedy;
} row_t;

static const row_t rows[EB_P_COUNT] = {
#define EB_PROBLEM(name, id, cause, remedy) [EB_P_##name] = {id, cause, remedy},
#include "problems.def"
#undef EB_PROBLEM
};

static const char *sentence(const char *format, va_list args, apr_pool_t *pool)
{
    va_list measured;
    va_copy(measured, args);
    int len = vsnprintf(NULL, 0, format, measured);
    va_end(measured);
    if (len < 0)
        return "";
    char *text = apr_palloc(pool, (apr_size_t)len + 1);
    vsnprintf(text, (apr_size_t)len + 1, format, args);
    return text;
}

apr_status_t eb_problem_set(eb_problem_t **problem, eb_problem_id_t number, apr_status_t status,
                            const char *where, apr_pool_t *pool, const char *format, ...)
{
    if (status == APR_SUCCESS)
        status = APR_EGENERAL;
    if (!problem)
        return status;

    va_list args;
    va_start(args, format);
    eb_problem_t *p = apr_palloc(pool, sizeof *p);
    *p = (eb_problem_t){
        .number = number,
        .id = rows[number].id,
        .status = status,
        .where = where ? apr_pstrdup(pool, where) : NULL,
        .what = sentence(format, args, pool),
        .remedy = rows[number].remedy,
    };
    va_end(args);
    *problem = p;
    return status;
}

/* A log line must stay one line: a path or an answer of a peer may hold anything. */
static char *one_line(char *text)
{
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7F)
            *c = ' ';
    return text;
}

const char *eb_problem_text(const eb_problem_t *problem, apr_pool_t *pool)
{
    apr_size_t len = strlen(problem->what);
    bool closed = len && strchr(".!?", problem->what[len - 1]);
    return one_line(apr_pstrcat(pool, problem->id, " ", problem->where ? problem->where : "",
                                problem->where ? ": " : "", problem->what, closed ? " " : ". ",
                                problem->remedy, NULL));
}

const char *eb_problem_id(eb_problem_id_t number)
{
    return rows[number].id;
}

const char *eb_problem_cause(eb_problem_id_t number)
{
    return rows[number].cause;
}

const char *eb_problem_remedy(eb_problem_id_t number)
{
    return rows[number].remedy;
}
