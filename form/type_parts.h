/* Inside of the types: what type.c's table is made of, one file for each kind of answer. */
#ifndef EB_TYPE_PARTS_H
#define EB_TYPE_PARTS_H

#include "type.h"

#define EB_TYPE_PARSE(name)                                                                        \
    apr_status_t eb_parse_##name(const char **value, const char **why, const eb_type_t *type,      \
                                 const eb_facets_t *facets, const char *text, apr_pool_t *pool)
#define EB_TYPE_SHOW(name)                                                                         \
    const char *eb_show_##name(const eb_type_t *type, const eb_facets_t *facets,                   \
                               const char *value, apr_pool_t *pool)

EB_TYPE_PARSE(text); /* detail: the eb_din_t */
EB_TYPE_PARSE(date);
EB_TYPE_PARSE(year);
EB_TYPE_PARSE(boolean);
EB_TYPE_PARSE(code);
EB_TYPE_PARSE(number); /* detail: the eb_number_kind_t */
EB_TYPE_PARSE(email);
EB_TYPE_PARSE(phone);
EB_TYPE_PARSE(postcode);
EB_TYPE_PARSE(files); /* with its text in files.c */

EB_TYPE_SHOW(text);
EB_TYPE_SHOW(date);
EB_TYPE_SHOW(boolean);
EB_TYPE_SHOW(code);
EB_TYPE_SHOW(number);
EB_TYPE_SHOW(files);

typedef enum {
    EB_NUMBER_INTEGER,
    EB_NUMBER_NOT_NEGATIVE,
    EB_NUMBER_POSITIVE,
    EB_NUMBER_DECIMAL,
    EB_NUMBER_AMOUNT
} eb_number_kind_t;

/* minLength, maxLength and EB_TEXT_MAX (or `most`, when that is less), in characters. */
apr_status_t eb_type_check_length(const char **why, const eb_facets_t *facets, const char *text,
                                  int most, apr_pool_t *pool);
/* The text in one line: runs of white space made one space, trimmed; itself when it is already. */
const char *eb_type_one_line(const char *text, apr_pool_t *pool);

#endif
