/* EinbuergerungFitConnect: what an authority's section says of its FIT-Connect destination. */
#ifndef EB_HTTPD_FITCONNECT_H
#define EB_HTTPD_FITCONNECT_H

#include "glue.h"

#include "delivery/fitconnect/fitconnect.h"

typedef struct eb_fit_output_t {
    eb_fitconnect_settings_t settings;
    const char *environment;
    const char *roots, *crl; /* of the Verwaltungs-PKI */
    bool self_signed;
    const char *callback_secret; /* NULL: callbacks are not taken */
} eb_fit_output_t;

#endif
