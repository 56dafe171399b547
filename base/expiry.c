/* OpenSSL reads the file, and only the dates are kept: whoever uses a certificate has read it
 * itself, and may have read another since a new file was put in its place. So this is asked at the
 * same time, at start. */
#include "expiry.h"

#include "date.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#define DAY apr_time_from_sec(86400)

/* Seconds since 1970 by way of OpenSSL's calendar, which knows no time_t. */
apr_time_t eb_expiry_time(const ASN1_TIME *time)
{
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    int days = 0, seconds = 0;

    ASN1_TIME_diff(&days, &seconds, epoch, time);
    ASN1_TIME_free(epoch);
    return apr_time_from_sec((apr_int64_t)days * 86400 + seconds);
}

/* Its common name; of one that has none, all that it is called. */
static const char *name_of(const X509_NAME *name, apr_pool_t *pool)
{
    const int at = X509_NAME_get_index_by_NID((X509_NAME *)name, NID_commonName, -1);
    char *text = NULL;
    const char *copy;

    if (at >= 0)
        ASN1_STRING_to_UTF8((unsigned char **)&text,
                            X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    if (text == NULL)
        text = X509_NAME_oneline(name, NULL, 0);
    copy = apr_pstrdup(pool, text != NULL ? text : "");
    OPENSSL_free(text);
    return copy;
}

static void take(apr_array_header_t *list, const X509_INFO *info, apr_pool_t *pool)
{
    const ASN1_TIME *next = info->crl != NULL ? X509_CRL_get0_nextUpdate(info->crl) : NULL;

    if (info->x509 != NULL)
        APR_ARRAY_PUSH(list, eb_expiry_t) =
            (eb_expiry_t){.name = name_of(X509_get_subject_name(info->x509), pool),
                          .from = eb_expiry_time(X509_get0_notBefore(info->x509)),
                          .until = eb_expiry_time(X509_get0_notAfter(info->x509))};
    else if (next != NULL)
        APR_ARRAY_PUSH(list, eb_expiry_t) =
            (eb_expiry_t){.name = name_of(X509_CRL_get_issuer(info->crl), pool),
                          .revocations = true,
                          .from = eb_expiry_time(X509_CRL_get0_lastUpdate(info->crl)),
                          .until = eb_expiry_time(next)};
}

/* A key that is locked stays so. */
static int no_password(char *buf, int size, int writing, void *data)
{
    (void)buf, (void)size, (void)writing, (void)data;
    return 0;
}

apr_status_t eb_expiry_read(apr_array_header_t **expiries, const char *file, apr_pool_t *pool)
{
    BIO *bio = BIO_new_file(file, "r");
    STACK_OF(X509_INFO) *all = bio ? PEM_X509_INFO_read_bio(bio, NULL, no_password, NULL) : NULL;

    *expiries = apr_array_make(pool, 2, sizeof(eb_expiry_t));
    for (int i = 0; all && i < sk_X509_INFO_num(all); i++)
        take(*expiries, sk_X509_INFO_value(all, i), pool);
    sk_X509_INFO_pop_free(all, X509_INFO_free);
    BIO_free(bio);
    ERR_clear_error();
    return (*expiries)->nelts > 0 ? APR_SUCCESS : APR_ENOENT;
}

int eb_expiry_days(const eb_expiry_t *expiry, apr_time_t now)
{
    const apr_time_t left = expiry->until - now;

    return (int)(left / DAY) - (left < 0);
}

static const char *day(apr_time_t time, apr_pool_t *pool)
{
    return eb_date_iso(eb_local_date(time), pool);
}

apr_status_t eb_expiry_check(const eb_expiry_t *e, const char *file, int days, apr_time_t now,
                             eb_problem_t **problem, apr_pool_t *pool)
{
    const char *kind = e->revocations ? "list of revoked certificates of" : "certificate of";

    if (now < e->from)
        return eb_problem_set(problem, EB_P_EXPIRY, APR_EINVAL, file, pool,
                              "The %s %s is valid from %s", kind, e->name, day(e->from, pool));
    if (now > e->until)
        return eb_problem_set(problem, EB_P_EXPIRY, APR_EINVAL, file, pool,
                              "The %s %s expired on %s", kind, e->name, day(e->until, pool));
    if (eb_expiry_days(e, now) >= days)
        return APR_SUCCESS;
    eb_problem_set(problem, EB_P_EXPIRY, APR_EINVAL, file, pool,
                   "The %s %s expires on %s (%d days)", kind, e->name, day(e->until, pool),
                   eb_expiry_days(e, now));
    return APR_INCOMPLETE;
}
