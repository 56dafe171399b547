/* Found when httpd starts, as root, which is when whoever uses them has read them too: what is in a
 * file since then counts from the next start on. One that is out of date is no reason not to start.
 */
#include "certificates.h"

#include "output.h"

static const struct {
    const char *name;
    int notice;
} roles[EB_CERTIFICATE_ROLES] = {
    [EB_CERTIFICATE_OWN] = {"own", 30},
    [EB_CERTIFICATE_READER] = {"reader", 30},
    [EB_CERTIFICATE_TRUST] = {"trust", 30},
    [EB_CERTIFICATE_REVOKED] = {"revocations", 2}, /* many live a week */
};

const char *eb_certificate_role(eb_certificate_role_t role)
{
    return roles[role].name;
}

int eb_certificate_notice(eb_certificate_role_t role)
{
    return roles[role].notice;
}

const char *eb_certificate_user(const eb_certificate_use_t *use, apr_pool_t *p)
{
    return use->users > 1 ? apr_psprintf(p, "%s (+%d)", use->user, use->users - 1) : use->user;
}

apr_status_t eb_certificate_check(const eb_certificate_use_t *use, apr_time_t now,
                                  eb_problem_t **problem, apr_pool_t *pool)
{
    return eb_expiry_check(&use->expiry, use->file, roles[use->role].notice, now, problem, pool);
}

/* Which of two in a file counts. */
static bool rather(eb_certificate_role_t role, const eb_expiry_t *a, const eb_expiry_t *b)
{
    if (a->revocations != (role == EB_CERTIFICATE_REVOKED))
        return false;
    if (b == NULL)
        return true;
    if (role == EB_CERTIFICATE_REVOKED)
        return a->until < b->until;
    return role != EB_CERTIFICATE_OWN && a->until > b->until;
}

/* NULL for a file without any, of which whoever uses it has told. */
static const eb_expiry_t *counts(eb_certificate_role_t role, const char *file, apr_pool_t *p)
{
    apr_array_header_t *all;
    const eb_expiry_t *best = NULL;

    eb_expiry_read(&all, file, p);
    for (int i = 0; i < all->nelts; i++)
        if (rather(role, &APR_ARRAY_IDX(all, i, eb_expiry_t), best))
            best = &APR_ARRAY_IDX(all, i, eb_expiry_t);
    return best;
}

static eb_certificate_use_t *known(const eb_certificates_t *c, const char *key)
{
    const int *at = apr_hash_get(c->known, key, APR_HASH_KEY_STRING);

    return at != NULL ? &APR_ARRAY_IDX(c->uses, *at, eb_certificate_use_t) : NULL;
}

void eb_certificate_add(eb_certificates_t *c, eb_certificate_role_t role, const char *file,
                        const char *user)
{
    const char *key = apr_pstrcat(c->pool, roles[role].name, " ", file, NULL);
    eb_certificate_use_t *use = known(c, key);
    const eb_expiry_t *expiry = NULL;

    if (use != NULL) {
        use->users++;
        use->user = strcmp(user, use->user) < 0 ? user : use->user;
    } else if (file != NULL) {
        expiry = counts(role, file, c->pool);
    }
    if (expiry == NULL)
        return;
    apr_hash_set(c->known, key, APR_HASH_KEY_STRING,
                 apr_pmemdup(c->pool, &c->uses->nelts, sizeof(int)));
    APR_ARRAY_PUSH(c->uses, eb_certificate_use_t) =
        (eb_certificate_use_t){role, file, user, 1, *expiry};
}

static void warn(const eb_start_t *start, server_rec *s)
{
    const apr_time_t now = apr_time_now();

    for (int i = 0; i < start->certificates->uses->nelts; i++) {
        const eb_certificate_use_t *use =
            &APR_ARRAY_IDX(start->certificates->uses, i, eb_certificate_use_t);
        eb_problem_t *problem = NULL;

        if (eb_certificate_check(use, now, &problem, start->pool) != APR_SUCCESS)
            eb_log_server(s, APLOG_WARNING, problem);
    }
}

static void add_redis(eb_certificates_t *c, const eb_start_t *start)
{
    for (int i = 0; i < start->slots->nelts; i++) {
        const eb_redis_address_t *a = APR_ARRAY_IDX(start->slots, i, eb_redis_slot_t *)->address;

        eb_certificate_add(c, EB_CERTIFICATE_OWN, a->cert_file, "Redis");
        eb_certificate_add(c, EB_CERTIFICATE_TRUST, a->ca_file, "Redis");
    }
}

static void add_outputs(eb_certificates_t *c, const eb_depot_t *depot)
{
    for (apr_hash_index_t *i = apr_hash_first(c->pool, depot->authorities); i != NULL;
         i = apr_hash_next(i)) {
        const eb_authority_t *a = apr_hash_this_val(i);

        if (a->kind->certificates != NULL)
            a->kind->certificates(c, a);
    }
}

void eb_certificates_find(eb_start_t *start, server_rec *main_server)
{
    eb_certificates_t *c = apr_palloc(start->pool, sizeof(*c));

    *c = (eb_certificates_t){start->pool,
                             apr_array_make(start->pool, 2, sizeof(eb_certificate_use_t)),
                             apr_hash_make(start->pool)};
    start->certificates = c;
    add_redis(c, start);
    for (int i = 0; i < start->depots->nelts; i++)
        add_outputs(c, APR_ARRAY_IDX(start->depots, i, eb_depot_t *));
    warn(start, main_server);
}
