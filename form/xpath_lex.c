/* Cuts an XPath expression into tokens (XPath 1.0, section 3.7). The grammar's one ambiguity,
 * whether `*`, `and` or `div` is a name or an operator, is left to the parser, which knows whether
 * it waits for an operand. */
#include "xpath_lex.h"

#include <string.h>

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_name_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (unsigned char)c >= 0x80;
}

static bool is_name(char c)
{
    return is_name_start(c) || is_digit(c) || c == '-' || c == '.';
}

static int name_length(const char *s)
{
    int n = 1;
    while (is_name(s[n]))
        n++;
    return n;
}

/* Digits ('.' Digits?)? | '.' Digits */
static int number_length(const char *s)
{
    int n = 0;
    while (is_digit(s[n]))
        n++;
    if (s[n] == '.')
        n++;
    while (is_digit(s[n]))
        n++;
    return n;
}

static int sign_length(const char *s)
{
    static const char *const two[] = {"::", "..", "//", "!=", "<=", ">="};
    for (size_t i = 0; i < sizeof two / sizeof *two; i++)
        if (strncmp(s, two[i], 2) == 0)
            return 2;
    return *s && strchr("()[].@,/|+-=<>*$:", *s) ? 1 : 0;
}

static eb_token_t quoted(const char *s)
{
    const char *end = strchr(s + 1, *s);
    if (!end)
        return (eb_token_t){EB_TOKEN_WRONG, s, 1};
    return (eb_token_t){EB_TOKEN_LITERAL, s + 1, (int)(end - s - 1)};
}

static eb_token_t token_at(const char *s)
{
    if (!*s)
        return (eb_token_t){EB_TOKEN_END, s, 0};
    if (*s == '\'' || *s == '"')
        return quoted(s);
    if (is_digit(*s) || (*s == '.' && is_digit(s[1])))
        return (eb_token_t){EB_TOKEN_NUMBER, s, number_length(s)};
    if (is_name_start(*s))
        return (eb_token_t){EB_TOKEN_NAME, s, name_length(s)};
    int n = sign_length(s);
    return (eb_token_t){n ? EB_TOKEN_SIGN : EB_TOKEN_WRONG, s, n ? n : 1};
}

const eb_token_t *eb_xpath_lex(const char *text, apr_pool_t *pool)
{
    apr_array_header_t *tokens = apr_array_make(pool, 32, sizeof(eb_token_t));
    eb_token_t token;
    do {
        while (is_space(*text))
            text++;
        token = token_at(text);
        APR_ARRAY_PUSH(tokens, eb_token_t) = token;
        text = token.start + token.len + (token.kind == EB_TOKEN_LITERAL);
    } while (token.kind != EB_TOKEN_END && token.kind != EB_TOKEN_WRONG);
    return (const eb_token_t *)tokens->elts;
}

bool eb_token_is(const eb_token_t *token, const char *text)
{
    return (token->kind == EB_TOKEN_NAME || token->kind == EB_TOKEN_SIGN) &&
           strlen(text) == (size_t)token->len && memcmp(token->start, text, token->len) == 0;
}
