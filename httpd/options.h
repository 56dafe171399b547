/* Directives that take name=value pairs: a table says which there are, what each must look like and
 * where it goes. */
#ifndef EB_OPTIONS_H
#define EB_OPTIONS_H

#include "directives.h"

typedef enum {
    EB_OPTION_TEXT,    /* const char *: anything that may stand on a page */
    EB_OPTION_WORD,    /* const char *: the same without blanks */
    EB_OPTION_FILE,    /* const char *: a file, below ServerRoot when relative */
    EB_OPTION_SECRET,  /* const char *: what a file holds, now */
    EB_OPTION_HTTPS,   /* const char *: an https address, without its last '/' */
    EB_OPTION_PROXY,   /* const char *: an http or https address */
    EB_OPTION_UUID,    /* const char *: in lower case */
    EB_OPTION_SECONDS, /* apr_interval_time_t, from `min` to `max` seconds */
    EB_OPTION_SIZE,    /* apr_int64_t: "10M", from 64K to 1000M */
    EB_OPTION_FLAG     /* bool: the name alone */
} eb_option_kind_t;

typedef struct eb_option_t {
    const char *name;
    eb_option_kind_t kind;
    apr_size_t at; /* offset of the member */
    int min, max;
} eb_option_t;

/* A row: where the value goes in a configuration of that type. */
#define EB_OPTION(name, kind, type, member)                                                        \
    {                                                                                              \
        name, kind, APR_OFFSETOF(type, member), 0, 0                                               \
    }
#define EB_OPTION_SPAN(name, type, member, most)                                                   \
    {                                                                                              \
        name, EB_OPTION_SECONDS, APR_OFFSETOF(type, member), 1, most                               \
    }

/* Sets the members of `conf` that the words name; `rows` ends with a name of NULL. NULL, or the
 * complaint about the first word that is not right. */
const char *eb_options_read(void *conf, const eb_option_t *rows, const char *example,
                            cmd_parms *cmd, int argc, char *const argv[]);

#endif
