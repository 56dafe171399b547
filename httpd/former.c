/* What a change of the configuration has left behind: applications that were accepted into a spool
 * from which nothing is delivered any more, since the outbox is in Redis now, or in another folder,
 * or their authority is gone. Looked for in the folder that is set and in the default one, wherever
 * the outbox is. Said at every start and on the status page, and no reason not to start: whoever
 * drains the former outbox changes to the new one meanwhile.
 *
 * Delivering them unasked would be a mistake: the default folder may be another httpd's. */
#include "startup.h"

#include <dirent.h>

static bool is_delivered(const eb_start_t *start, const char *folder, const char *authority)
{
    const eb_depot_t *depot = apr_hash_get(start->by_folder, folder, APR_HASH_KEY_STRING);

    return depot != NULL &&
           apr_hash_get(depot->authorities, authority, APR_HASH_KEY_STRING) != NULL;
}

/* Ours: of an authority that is known here, or in a folder that is. */
static bool is_ours(const eb_start_t *start, const char *folder, const char *authority)
{
    if (apr_hash_get(start->by_folder, folder, APR_HASH_KEY_STRING) != NULL)
        return true;
    for (int i = 0; i < start->depots->nelts; i++) {
        const eb_depot_t *depot = APR_ARRAY_IDX(start->depots, i, eb_depot_t *);

        if (apr_hash_get(depot->authorities, authority, APR_HASH_KEY_STRING) != NULL)
            return true;
    }
    return false;
}

static void tell(eb_start_t *start, server_rec *s, const eb_former_t *former, int count)
{
    eb_problem_t *problem = NULL;

    eb_problem_set(&problem, EB_P_OUTBOX_LEFT, APR_EGENERAL, NULL, start->pool,
                   "%d applications for authority %s wait in %s/%s/queue", count, former->authority,
                   former->folder, former->authority);
    eb_log_server(s, APLOG_WARNING, problem);
}

static void look_into(eb_start_t *start, server_rec *s, const char *folder)
{
    apr_pool_t *p = start->pool;
    DIR *stream = opendir(folder);

    if (stream == NULL)
        return;
    for (const struct dirent *entry; (entry = readdir(stream)) != NULL;) {
        int count;

        if (entry->d_name[0] == '.' || is_delivered(start, folder, entry->d_name))
            continue;
        count = eb_spool_left(folder, entry->d_name, p);
        if (count == 0 || !is_ours(start, folder, entry->d_name))
            continue;
        eb_former_t *former = apr_array_push(start->former);
        *former = (eb_former_t){folder, apr_pstrdup(p, entry->d_name)};
        tell(start, s, former, count);
    }
    closedir(stream);
}

void eb_former_find(eb_start_t *start, server_rec *main_server)
{
    apr_hash_t *seen = apr_hash_make(start->pool);

    for (server_rec *s = main_server; s != NULL; s = s->next) {
        const eb_server_t *server = eb_server_of(s);
        const char *folders[] = {eb_server_spool(server), EB_SPOOL};

        for (int i = 0; i < 2 && server->depot != NULL; i++) {
            if (apr_hash_get(seen, folders[i], APR_HASH_KEY_STRING) != NULL)
                continue;
            apr_hash_set(seen, folders[i], APR_HASH_KEY_STRING, folders[i]);
            look_into(start, s, folders[i]);
        }
    }
}
