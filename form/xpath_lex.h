/* The tokens of an XPath expression, for xpath_parse.c and xpath_path.c only. */
#ifndef EB_XPATH_LEX_H
#define EB_XPATH_LEX_H

#include <apr_pools.h>
#include <apr_tables.h>
#include <stdbool.h>

typedef enum {
    EB_TOKEN_END,
    EB_TOKEN_NAME, /* also and, or, mod, div: where an operator may stand they are operators */
    EB_TOKEN_NUMBER,
    EB_TOKEN_LITERAL, /* start and len without the quotes */
    EB_TOKEN_SIGN,    /* an operator or punctuation: one or two characters */
    EB_TOKEN_WRONG    /* a character that begins no token, or a literal that does not end */
} eb_token_kind_t;

typedef struct eb_token_t {
    eb_token_kind_t kind;
    const char *start;
    int len;
} eb_token_t;

/* All tokens of `text`, the last one being END or WRONG. */
const eb_token_t *eb_xpath_lex(const char *text, apr_pool_t *pool);
bool eb_token_is(const eb_token_t *token, const char *text); /* a NAME or SIGN that reads `text` */

#endif
