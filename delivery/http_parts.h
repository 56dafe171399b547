/* The inside of the HTTPS client, for its own files only. */
#ifndef EB_HTTP_PARTS_H
#define EB_HTTP_PARTS_H

#include "http.h"

#include <apr_thread_mutex.h>
#include <curl/curl.h>

/* What one thread asks with: the connections are the multi handle's, and stay open. */
typedef struct eb_http_line_t eb_http_line_t;
struct eb_http_line_t {
    CURLM *multi;
    CURL *easy;
    eb_http_line_t *next; /* in the list of idle ones */
};

struct eb_http_t {
    eb_http_settings_t settings;
    struct curl_blob ca, cert, key; /* the files, read at start; len 0: there is none */
    apr_thread_mutex_t *mutex;      /* of the list, held for moments */
    eb_http_line_t *idle;
    apr_pool_t *lines; /* their memory: used under the mutex, belongs to no other pool */
};

/* A line for one exchange; NULL: libcurl makes none. */
eb_http_line_t *eb_http_line_take(eb_http_t *http);
void eb_http_line_return(eb_http_t *http, eb_http_line_t *line);

/* The failure of an exchange in words: `code` is libcurl's, `text` its own words for it. */
apr_status_t eb_http_failed(CURLcode code, const char *text, const char *url, const eb_http_t *http,
                            eb_problem_t **problem, apr_pool_t *pool);

#endif
