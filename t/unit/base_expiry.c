/* Dates of certificates are those that OpenSSL's own command tells, whatever else is in the file;
 * and an end is told in time, to the day. */
#include "base/expiry.h"
#include "tap.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DAY apr_time_from_sec(86400)

static void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    fputs(text, f);
    fclose(f);
}

static apr_size_t count(const char *file, apr_pool_t *pool)
{
    apr_array_header_t *list;
    apr_status_t rv = eb_expiry_read(&list, file, pool);

    is_int(rv, list->nelts ? APR_SUCCESS : APR_ENOENT, "the status says whether there is any");
    return list->nelts;
}

static void test_read(const char *folder, apr_pool_t *pool)
{
    const char *file = apr_pstrcat(pool, folder, "/one.pem", NULL);
    const char *command = apr_psprintf(
        pool,
        "openssl req -x509 -newkey rsa:2048 -passout pass:geheim -keyout %s/key.pem -days 40 "
        "-subj '/C=DE/CN=J\xc3\xb6rg Prober' -utf8 -out %s/cert.pem 2>/dev/null && "
        "cat %s/key.pem %s/cert.pem %s/cert.pem > %s",
        folder, folder, folder, folder, folder, file);
    apr_array_header_t *list;

    ok(system(command) == 0, "openssl makes a certificate, its key locked");
    is_int(eb_expiry_read(&list, file, pool), APR_SUCCESS, "it is read");
    is_int(list->nelts, 2, "twice, without the key");
    const eb_expiry_t *e = &APR_ARRAY_IDX(list, 0, eb_expiry_t);
    is_str(e->name, "J\xc3\xb6rg Prober", "its common name");
    ok(!e->revocations, "a certificate");
    ok(e->from <= apr_time_now() && e->from > apr_time_now() - DAY, "from now on");
    is_int(e->until - e->from, 40 * DAY, "for forty days");

    write_file(file, "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n");
    is_int(count(file, pool), 0, "a broken one");
    write_file(file, "nothing of the kind\n");
    is_int(count(file, pool), 0, "nothing");
    is_int(count("/nowhere/there", pool), 0, "no file");
}

static void test_check(apr_pool_t *pool)
{
    const apr_time_t end = apr_time_from_sec(1800000000); /* 2027-01-15 */
    const eb_expiry_t e = {"Probe", false, end - 100 * DAY, end};
    const eb_expiry_t list = {"Probe", true, end - 100 * DAY, end};
    eb_problem_t *problem = NULL;

    is_int(eb_expiry_days(&e, end), 0, "the last moment");
    is_int(eb_expiry_days(&e, end + 1), -1, "the moment after");
    is_int(eb_expiry_days(&e, end - DAY), 1, "a day before");
    is_int(eb_expiry_days(&e, end - DAY + 1), 0, "less than a day");
    is_int(eb_expiry_check(&e, "f", 30, end - 30 * DAY, &problem, pool), APR_SUCCESS, "in time");
    ok(problem == NULL, "nothing to say");
    is_int(eb_expiry_check(&e, "f", 30, end - 30 * DAY + 1, &problem, pool), APR_INCOMPLETE,
           "a moment later it is near");
    is_str(problem->what, "The certificate of Probe expires on 2027-01-15 (29 days)", "and said");
    is_int(eb_expiry_check(&e, "f", 30, end, &problem, pool), APR_INCOMPLETE, "valid to the last");
    is_int(eb_expiry_check(&list, "f", 30, end + 1, &problem, pool), APR_EINVAL, "expired");
    is_str(problem->what, "The list of revoked certificates of Probe expired on 2027-01-15",
           "and said");
    is_int(eb_expiry_check(&e, "f", 30, end - 101 * DAY, &problem, pool), APR_EINVAL, "too early");
    is_str(problem->what, "The certificate of Probe is valid from 2026-10-07", "and said");
    is_str(problem->where, "f", "of which file");
}

int main(void)
{
    char folder[] = "/tmp/eb-expiry-XXXXXX";
    apr_pool_t *pool = tap_begin();

    ok(mkdtemp(folder) != NULL, "a folder");
    test_read(folder, pool);
    test_check(pool);
    ok(system(apr_pstrcat(pool, "rm -r ", folder, NULL)) == 0, "the folder goes");
    return done();
}
