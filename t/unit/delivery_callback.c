/* Callbacks: FITKO's own example, HMACs by the openssl command over bodies of every length, and
 * everything a stranger may send. */
#include "delivery/fitconnect/callback.h"
#include "jose.h"

#include <apr_errno.h>

#define EXAMPLE "../shared/data/fit-connect/vectors/callback-hmac.json"
#define SECRET  "ein Geheimnis, das nur zwei kennen, 0123456789"
#define TYPES   "https://schema.fitko.de/fit-connect/submission-api/callbacks/"
#define ID_1    "0b5b7b3c-21d8-4c3e-9d3a-0a5a5b0f6c11"
#define ID_2    "0b5b7b3c-21d8-4c3e-9d3a-0a5a5b0f6c12"

static apr_pool_t *pool;
static const apr_time_t now = APR_TIME_C(1763769600) * APR_USEC_PER_SEC;

static eb_callback_t callback_of(const char *timestamp, const char *authentication,
                                 const void *body, apr_size_t len)
{
    return (eb_callback_t){
        .authentication = authentication, .timestamp = timestamp, .body = body, .len = len};
}

static apr_status_t checked(const eb_callback_t *callback, const char *secret, apr_time_t at)
{
    eb_problem_t *problem = NULL;
    apr_status_t rv = eb_callback_check(callback, secret, strlen(secret), at, &problem, pool);
    return rv && strcmp(problem->id, "EB0657") != 0 ? APR_EGENERAL : rv;
}

static void test_example(void)
{
    json_t *all = json_load_file(EXAMPLE, 0, NULL), *row;
    apr_array_header_t *ids;
    size_t i;

    if (!all) {
        skip(1, EXAMPLE " is missing");
        return;
    }
    json_array_foreach(all, i, row)
    {
        const char *secret, *timestamp, *body, *hmac;
        json_unpack(row, "{s:s,s:s,s:s,s:s}", "secret", &secret, "timestamp", &timestamp, "body",
                    &body, "hmac_sha512_hex", &hmac);
        eb_callback_t callback = callback_of(timestamp, hmac, body, strlen(body));
        apr_time_t sent = apr_time_from_sec(apr_atoi64(timestamp));
        is_int(checked(&callback, secret, sent), APR_SUCCESS, "FITKO's example");
        is_int(checked(&callback, secret, sent + apr_time_from_sec(301)), APR_EACCES,
               "is of its time");
        is_int(eb_callback_ids(&ids, &callback, NULL, pool), APR_SUCCESS, "can be read");
        is_int(ids->nelts, 1, "names a submission once");
    }
    json_decref(all);
}

/* By another program: the message comes from a file. */
static const char *by_openssl(const char *timestamp, const void *body, apr_size_t len,
                              const char *secret)
{
    char path[] = "/tmp/eb-callback-XXXXXX";
    int fd = mkstemp(path);
    bool good = fd >= 0 && write(fd, timestamp, strlen(timestamp)) > 0 && write(fd, ".", 1) == 1 &&
                write(fd, body, len) == (ssize_t)len;
    const char *line = jose_asked(
        apr_psprintf(pool, "openssl dgst -sha512 -mac HMAC -macopt key:'%s' -r %s", secret, path),
        pool);

    close(fd);
    unlink(path);
    return good && line ? apr_pstrmemdup(pool, line, 128) : "";
}

static void test_oracle(void)
{
    unsigned char body[700];
    bool good = true;

    eb_random(body, sizeof body);
    for (apr_size_t len = 0; len < sizeof body; len = len * 2 + 1) {
        const char *timestamp = apr_psprintf(pool, "%d", 1763769600 - (int)len % 300);
        eb_callback_t callback =
            callback_of(timestamp, by_openssl(timestamp, body, len, SECRET), body, len);
        good = good && checked(&callback, SECRET, now) == APR_SUCCESS;
    }
    ok(good, "the openssl command computes the same");
}

static const char *authentic(const char *timestamp, const char *body)
{
    const char *message = apr_pstrcat(pool, timestamp, ".", body, NULL);
    unsigned char mac[64];
    char *hex = apr_palloc(pool, 129);

    HMAC(EVP_sha512(), SECRET, sizeof SECRET - 1, (const unsigned char *)message, strlen(message),
         mac, NULL);
    for (int i = 0; i < 64; i++)
        apr_snprintf(hex + 2 * i, 3, "%02x", mac[i]);
    return hex;
}

/* A good HMAC over this time: whether the time is taken. */
static void timed(const char *timestamp, apr_status_t wanted, const char *name)
{
    eb_callback_t callback = callback_of(timestamp, authentic(timestamp, "{}"), "{}", 2);
    is_int(checked(&callback, SECRET, now), wanted, name);
}

static void test_times(void)
{
    timed("1763769600", APR_SUCCESS, "now");
    timed("1763769300", APR_SUCCESS, "300 seconds ago");
    timed("1763769299", APR_EACCES, "301 seconds ago");
    timed("1763769660", APR_SUCCESS, "60 seconds ahead");
    timed("1763769661", APR_EACCES, "61 seconds ahead");
    timed("001763769600", APR_SUCCESS, "twelve digits");
    timed("0001763769600", APR_EACCES, "thirteen");
    timed("", APR_EACCES, "none");
    timed(" 1763769600", APR_EACCES, "a blank before it");
    timed("1763769600 ", APR_EACCES, "a blank behind it");
    timed("1763769600.0", APR_EACCES, "a fraction");
    timed("-1763769600", APR_EACCES, "a sign");
    timed("0x691fa680", APR_EACCES, "hexadecimal");
    timed("9999999999999999999999", APR_EACCES, "a number beyond all");
    timed("1763769600000", APR_EACCES, "milliseconds");
}

static void test_refused(void)
{
    const char *timestamp = "1763769600", *good = authentic(timestamp, "{}"),
               *upper = apr_pstrdup(pool, good);
    eb_callback_t callback = callback_of(timestamp, good, "{}", 2);
    bool all = true;

    is_int(checked(&callback, SECRET, now), APR_SUCCESS, "a good one");
    is_int(checked(&callback, SECRET "x", now), APR_EACCES, "another secret");
    for (int i = 0; i < 128; i++)
        for (int bit = 0; bit < 8; bit++) {
            char *flipped = apr_pstrdup(pool, good);
            flipped[i] ^= (char)(1 << bit);
            callback.authentication = flipped;
            all = all && checked(&callback, SECRET, now) == APR_EACCES;
        }
    ok(all, "each bit of the HMAC counts");
    callback.authentication = apr_pstrmemdup(pool, good, 127);
    is_int(checked(&callback, SECRET, now), APR_EACCES, "a sign less");
    callback.authentication = apr_pstrcat(pool, good, "0", NULL);
    is_int(checked(&callback, SECRET, now), APR_EACCES, "a sign more");
    for (char *c = (char *)upper; *c; c++)
        *c = *c >= 'a' ? (char)(*c - 32) : *c;
    callback.authentication = upper;
    is_int(checked(&callback, SECRET, now), APR_EACCES, "one spelling only");
    callback.authentication = "";
    is_int(checked(&callback, SECRET, now), APR_EACCES, "an empty one");
    callback.authentication = NULL;
    is_int(checked(&callback, SECRET, now), APR_EACCES, "none");
    callback = callback_of(NULL, good, "{}", 2);
    is_int(checked(&callback, SECRET, now), APR_EACCES, "no time");
    callback = callback_of("1763769601", good, "{}", 2);
    is_int(checked(&callback, SECRET, now), APR_EACCES,
           "another time than the one that is authenticated");
    callback = callback_of(timestamp, good, "{ }", 3);
    is_int(checked(&callback, SECRET, now), APR_EACCES, "another body");
    callback = callback_of("1763769600.{", authentic(timestamp, "{.}"), "}", 1);
    is_int(checked(&callback, SECRET, now), APR_EACCES, "a dot is no part of a time");
}

static void test_bounds(void)
{
    apr_size_t len = EB_CALLBACK_LEN_MAX + 1;
    char *body = apr_pcalloc(pool, len + 1), *secret = apr_pcalloc(pool, 600);
    const char *timestamp = "1763769600";

    memset(body, 'x', len);
    eb_callback_t callback = callback_of(timestamp, authentic(timestamp, body), body, len);
    is_int(checked(&callback, SECRET, now), APR_EACCES, "a body that is too long");
    body[--len] = '\0';
    callback = callback_of(timestamp, authentic(timestamp, body), body, len);
    is_int(checked(&callback, SECRET, now), APR_SUCCESS, "as long as it may be");
    memset(secret, 's', 513);
    is_int(checked(&callback, secret, now), APR_EINVAL, "a secret of 513 bytes");
    secret[512] = '\0';
    is_int(checked(&callback, secret, now), APR_EACCES, "of 512");
    secret[31] = '\0';
    is_int(checked(&callback, secret, now), APR_EINVAL, "of 31");
    secret[31] = 's', secret[32] = '\0';
    is_int(checked(&callback, secret, now), APR_EACCES, "of 32");
}

/* The ids of a body, with blanks between them; NULL when it is refused. */
static const char *ids_of(const char *body)
{
    eb_callback_t callback = callback_of(NULL, NULL, body, strlen(body));
    apr_array_header_t *ids;

    return eb_callback_ids(&ids, &callback, NULL, pool) ? NULL : apr_array_pstrcat(pool, ids, ' ');
}

static const char *many(int count)
{
    const char *list = "";
    for (int i = 0; i < count; i++)
        list = apr_psprintf(pool, "%s%s\"00000000-0000-4000-8000-%012d\"", list, i ? "," : "", i);
    return apr_psprintf(pool, "{\"type\":\"x\",\"submissionIds\":[%s]}", list);
}

static void test_ids(void)
{
    is_str(ids_of("{\"type\":\"" TYPES
                  "new-events\",\"submissions\":[{\"destinationId\":\"x\",\"submissionId\":\"" ID_1
                  "\",\"caseId\":\"y\"},{\"submissionId\":\"" ID_2 "\"}],\"submissionIds\":[\"" ID_2
                  "\",\"" ID_1 "\"]}"),
           ID_1 " " ID_2, "two, in both ways of saying it");
    is_str(ids_of("{\"type\":\"" TYPES "new-submissions\",\"submissionIds\":[\"" ID_2 "\"]}"), ID_2,
           "the former way");
    is_str(ids_of("{\"type\":\"" TYPES "new-replies\",\"replies\":[{\"replyId\":4711}]}"), "",
           "what we do not know names none");
    is_str(ids_of("{\"type\":\"x\",\"submissions\":[],\"neu\":{\"a\":[1,2,{}]}}"), "",
           "nor does an empty list");
    is_str(ids_of("{\"type\":\"x\",\"submissionIds\":[\"0B5B7B3C-21D8-4C3E-9D3A-0A5A5B0F6C11\"]}"),
           ID_1, "lower case");
    ok(ids_of(many(500)) != NULL, "500 of them");
    is_str(ids_of(many(501)), NULL, "501");
    is_str(ids_of("{\"submissionIds\":[]}"), NULL, "no type");
    is_str(ids_of("{\"type\":\"x\",\"submissions\":{}}"), NULL, "no list");
    is_str(ids_of("{\"type\":\"x\",\"submissions\":[\"" ID_1 "\"]}"), NULL, "a list of texts");
    is_str(ids_of("{\"type\":\"x\",\"submissionIds\":[{}]}"), NULL, "a list of objects");
    is_str(
        ids_of("{\"type\":\"x\",\"submissionIds\":[\"../../../../../etc/passwd/0123456789ab\"]}"),
        NULL, "no id, as long as one");
    is_str(ids_of("{\"type\":\"x\",\"submissionIds\":[\"\"]}"), NULL, "an empty id");
    is_str(ids_of("{\"type\":\"x\",\"type\":\"y\"}"), NULL, "a member twice");
    is_str(ids_of("{\"type\":\"x\"}x"), NULL, "something behind it");
    is_str(ids_of("[]"), NULL, "a list");
    is_str(ids_of(""), NULL, "nothing");
    is_str(ids_of("{\"type\":\"x\",\"a\":[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]}"), "", "sixteen levels");
    is_str(ids_of("{\"type\":\"x\",\"a\":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}"), NULL, "seventeen");
    is_str(ids_of("{\"type\":\"x\",\"a\":\"[[[[\\\"[[[[[[[[[[[[[[[[[[\"}"), "",
           "brackets in a text are none");
}

int main(void)
{
    pool = tap_begin();
    test_example();
    test_oracle();
    test_times();
    test_refused();
    test_bounds();
    test_ids();
    return done();
}
