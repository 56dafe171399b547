/* EinbuergerungOutbox spool|redis: which engine keeps what was accepted. With one node, or nodes
 * that each deliver their own, it is the spool; where a node must deliver what another one
 * accepted, it is Redis. */
#include "directives.h"

#define EXAMPLE   "redis lease=60"
#define LEASE     60 /* seconds */
#define LEASE_MAX 3600

const eb_outbox_choice_t eb_outbox_default = {false, LEASE};

static const char *lease_of(int *lease, cmd_parms *cmd, const char *option)
{
    static const char name[] = "lease=";
    const apr_size_t len = sizeof(name) - 1;
    char *end;
    apr_int64_t n;

    if (strncasecmp(option, name, len) != 0)
        return eb_complain(cmd, EXAMPLE, "\"%s\" is not understood; there is lease=SECONDS",
                           option);
    n = apr_strtoi64(option + len, &end, 10);
    if (option[len] == '\0' || *end != '\0' || n < 1 || n > LEASE_MAX)
        return eb_complain(cmd, EXAMPLE, "%s is not a number from 1 to %d", option, LEASE_MAX);
    *lease = (int)n;
    return NULL;
}

const char *eb_outbox_directive(cmd_parms *cmd, void *conf, const char *engine, const char *lease)
{
    eb_server_t *server = eb_server_of(cmd->server);
    eb_outbox_choice_t *choice = apr_pmemdup(cmd->pool, &eb_outbox_default, sizeof(*choice));
    const char *error = eb_misplaced(cmd, conf, server->outbox_at);

    if (error != NULL)
        return error;
    choice->redis = strcasecmp(engine, "redis") == 0;
    if (!choice->redis && strcasecmp(engine, "spool") != 0)
        return eb_complain(cmd, EXAMPLE, "\"%s\" is neither spool nor redis", engine);
    if (!choice->redis && lease != NULL)
        return eb_complain(cmd, EXAMPLE, "a spool has no leases; leave \"%s\" out", lease);
    if (lease != NULL)
        error = lease_of(&choice->lease, cmd, lease);
    EB_SET(server, outbox, choice);
    return error;
}
