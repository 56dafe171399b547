/* The tables. A further generation is a further row, and a further case in the tests. */
#include "profile.h"

#include <stddef.h>
#include <string.h>

static const eb_fit_profile_t profiles[] = {
    {.name = "v2",
     .destination = "/v2/destinations/%s",
     .key = "/v2/destinations/%s/keys/%s",
     .announce = "/v2/submissions",
     .attachment = "/v2/submissions/%s/attachments/%s",
     .submit = "/v2/submissions/%s",
     .events = "/v2/cases/%s/events?limit=%d&offset=%d",
     .jwks = "/.well-known/jwks.json",
     .service = "publicService",
     .services = "publicServices",
     .region = true,
     .announced = 201,
     .attached = 204,
     .submitted = 200},
    {.name = "v1",
     .destination = "/v1/destinations/%s",
     .key = "/v1/destinations/%s/keys/%s",
     .announce = "/v1/submissions",
     .attachment = "/v1/submissions/%s/attachments/%s",
     .submit = "/v1/submissions/%s",
     .events = "/v1/cases/%s/events?limit=%d&offset=%d",
     .jwks = "/.well-known/jwks.json",
     .service = "serviceType",
     .services = "services",
     .region = false,
     .announced = 201,
     .attached = 204,
     .submitted = 202},
};

#define SCHEMA(version)                                                                            \
    "https://schema.fitko.de/fit-connect/metadata/" version "/metadata.schema.json"

static const eb_fit_schema_t schemas[] = {
    {"2.1.0", SCHEMA("2.1.0"), .service = false, .author = true},
    {"1.0.0", SCHEMA("1.0.0"), .service = true, .author = false},
};

enum { PROFILES = sizeof profiles / sizeof *profiles, SCHEMAS = sizeof schemas / sizeof *schemas };

const eb_fit_profile_t *eb_fit_profile(const char *name)
{
    for (int i = 0; i < PROFILES; i++)
        if (strcmp(profiles[i].name, name) == 0)
            return &profiles[i];
    return NULL;
}

const eb_fit_schema_t *eb_fit_schema_at(int index)
{
    return index < SCHEMAS ? &schemas[index] : NULL;
}

const eb_fit_schema_t *eb_fit_schema(const char *version)
{
    for (int i = 0; version && i < SCHEMAS; i++)
        if (strcmp(schemas[i].version, version) == 0)
            return &schemas[i];
    return NULL;
}
