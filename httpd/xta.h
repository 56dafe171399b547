/* EinbuergerungXta: what an authority's section says of its XTA server. */
#ifndef EB_HTTPD_XTA_H
#define EB_HTTPD_XTA_H

#include "glue.h"

#include "delivery/xta/xta.h"

typedef struct eb_xta_output_t {
    eb_xta_settings_t settings;
    apr_int64_t size_max;
    apr_interval_time_t fetch; /* from the mailbox; 0: the default */
    const char *unknown;       /* "keep", "leave", NULL: the first */
    bool leave;
} eb_xta_output_t;

#endif
