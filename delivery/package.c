/* The flat form: "EBP", a format byte, the length of the head (4 bytes, little endian), the head,
 * the message, and the documents one after another. The head is a sequence of fields, each a length
 * (4 bytes), that many bytes, and a NUL that makes a text of it without copying: uuid, number,
 * authority, schema, the secret, the message's length, the count of documents, then name, type,
 * purpose, SHA-512 and length of each. So whoever has read the head knows where everything is.
 *
 * The bytes come back from a seal, so whoever reads them trusts their origin; they are read
 * strictly all the same, since the writer may have been another version. */
#include "package.h"
#include "base/buf.h"
#include "base/seal.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <stdlib.h>

#define MAGIC "EBP\003"

enum { START_LEN = 8, HEAD_MAX = 1024 * 1024, MESSAGE_MAX = 32 * 1024 * 1024 };

static void put_u32(char *at, apr_size_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (char)(value >> (8 * i));
}

static apr_size_t get_u32(const char *at)
{
    const unsigned char *u = (const unsigned char *)at;
    return u[0] | (apr_size_t)u[1] << 8 | (apr_size_t)u[2] << 16 | (apr_size_t)u[3] << 24;
}

static void put_text(eb_buf_t *out, const char *text)
{
    apr_size_t len = strlen(text);

    put_u32(eb_buf_reserve(out, 4), len);
    out->len += 4;
    eb_buf_add(out, text, len + 1);
}

static void put_number(eb_buf_t *out, apr_uint64_t number)
{
    put_text(out, apr_psprintf(out->pool, "%" APR_UINT64_T_FMT, number));
}

static void put_secret(eb_buf_t *out, const unsigned char secret[EB_PACKAGE_SECRET_LEN])
{
    char text[EB_BASE64URL_LEN(EB_PACKAGE_SECRET_LEN) + 1];

    eb_base64url(text, secret, EB_PACKAGE_SECRET_LEN);
    put_text(out, text);
}

static void put_head(eb_buf_t *out, const eb_package_t *package)
{
    eb_buf_add(out, MAGIC "\0\0\0\0", START_LEN);
    put_text(out, package->uuid);
    put_text(out, package->number);
    put_text(out, package->authority);
    put_text(out, package->schema);
    put_secret(out, package->secret);
    put_number(out, package->message_len);
    put_number(out, (apr_uint64_t)package->attachments_count);
    for (int i = 0; i < package->attachments_count; i++) {
        const eb_attachment_t *a = &package->attachments[i];
        put_text(out, a->name);
        put_text(out, a->type);
        put_text(out, a->purpose);
        put_text(out, a->sha512);
        put_number(out, a->size);
    }
    put_u32(out->data + 4, out->len - START_LEN);
}

static apr_status_t pour(eb_source_t *source, eb_sink_t *sink, eb_problem_t **problem,
                         apr_pool_t *pool)
{
    eb_package_flow_t *flow = (eb_package_flow_t *)source;
    const eb_package_t *package = flow->package;
    eb_buf_t head;
    bool own;

    flow->failed = -1;
    eb_buf_init(&head, 1024, pool);
    put_head(&head, package);
    if (head.len > HEAD_MAX || package->message_len > MESSAGE_MAX)
        return eb_problem_set(problem, EB_P_PACKAGE_FORMAT, APR_EGENERAL, NULL, pool,
                              "Case %s is too large for a package", package->number);
    apr_status_t rv = sink->take(sink, head.data, head.len, problem, pool);
    if (!rv)
        rv = sink->take(sink, package->message, package->message_len, problem, pool);
    for (int i = 0; !rv && i < package->attachments_count; i++) {
        rv = eb_attachment_pour(&package->attachments[i], sink, &own, problem, pool);
        if (rv && own)
            flow->failed = i;
    }
    return rv;
}

void eb_package_flow(eb_package_flow_t *flow, const eb_package_t *package)
{
    *flow = (eb_package_flow_t){.source.pour = pour, .package = package, .failed = -1};
}

/* A head that is read. */
typedef struct cursor_t {
    const char *at, *end;
} cursor_t;

static bool take_text(const char **text, cursor_t *c)
{
    if (c->end - c->at < 4)
        return false;
    apr_size_t len = get_u32(c->at);
    c->at += 4;
    if ((apr_size_t)(c->end - c->at) <= len || c->at[len] != '\0' || strlen(c->at) != len)
        return false;
    *text = c->at;
    c->at += len + 1;
    return true;
}

/* As put_number() writes it, and no other way. */
static bool take_number(apr_uint64_t *number, apr_uint64_t max, cursor_t *c)
{
    const char *text;

    if (!take_text(&text, c))
        return false;
    apr_size_t len = strlen(text);
    if (!len || len > 18 || strspn(text, "0123456789") != len || (*text == '0' && len > 1))
        return false;
    *number = strtoull(text, NULL, 10);
    return *number <= max;
}

static bool take_secret(unsigned char secret[EB_PACKAGE_SECRET_LEN], cursor_t *c)
{
    const char *text;

    return take_text(&text, c) &&
           !eb_base64url_decode(secret, EB_PACKAGE_SECRET_LEN, text, strlen(text));
}

/* A document within the reader. */
typedef struct extract_t {
    eb_source_t source;
    eb_reader_t *reader;
    apr_uint64_t offset, len;
} extract_t;

static apr_status_t pour_extract(eb_source_t *source, eb_sink_t *sink, eb_problem_t **problem,
                                 apr_pool_t *pool)
{
    const extract_t *e = (const extract_t *)source;
    char block[16 * 1024];

    for (apr_uint64_t done = 0; done < e->len;) {
        apr_size_t n = e->len - done < sizeof block ? (apr_size_t)(e->len - done) : sizeof block;
        apr_status_t rv = e->reader->at(e->reader, e->offset + done, block, n, problem, pool);
        if (!rv)
            rv = sink->take(sink, block, n, problem, pool);
        if (rv)
            return rv;
        done += n;
    }
    return APR_SUCCESS;
}

/* *offset moves behind the attachment. */
static bool take_attachment(eb_attachment_t *a, apr_uint64_t *offset, eb_reader_t *reader,
                            cursor_t *c, apr_pool_t *pool)
{
    if (!take_text(&a->name, c) || !take_text(&a->type, c) || !take_text(&a->purpose, c) ||
        !take_text(&a->sha512, c) || strlen(a->sha512) != EB_SHA512_HEX_LEN ||
        !take_number(&a->size, reader->len - *offset, c))
        return false;
    extract_t *e = apr_palloc(pool, sizeof *e);
    *e = (extract_t){{pour_extract}, reader, *offset, a->size};
    a->source = &e->source;
    *offset += a->size;
    return true;
}

/* `offset`: where the message is. It ends where the first document begins, and the last document
 * where the reader ends. */
static bool take_head(eb_package_t *p, apr_uint64_t offset, eb_reader_t *reader, cursor_t *c,
                      apr_pool_t *pool)
{
    apr_uint64_t message_len, count;

    if (!take_text(&p->uuid, c) || !eb_uuid_valid(p->uuid) || !take_text(&p->number, c) ||
        (*p->number && !eb_number_valid(p->number)) || !take_text(&p->authority, c) ||
        !take_text(&p->schema, c) || !take_secret(p->secret, c) ||
        !take_number(&message_len, MESSAGE_MAX, c) || message_len > reader->len - offset ||
        !take_number(&count, EB_ATTACHMENTS_MAX, c))
        return false;
    eb_attachment_t *list = apr_pcalloc(pool, count * sizeof *list + 1);
    p->message_len = (apr_size_t)message_len;
    p->attachments = list;
    p->attachments_count = (int)count;
    offset += message_len;
    for (int i = 0; i < p->attachments_count; i++)
        if (!take_attachment(&list[i], &offset, reader, c, pool))
            return false;
    return c->at == c->end && offset == reader->len;
}

/* A part of the package in memory, NUL terminated. */
static apr_status_t load(char **data, eb_reader_t *reader, apr_uint64_t offset, apr_size_t len,
                         eb_problem_t **problem, apr_pool_t *pool)
{
    *data = apr_palloc(pool, len + 1);
    (*data)[len] = '\0';
    return reader->at(reader, offset, *data, len, problem, pool);
}

apr_status_t eb_package_read(eb_package_t *package, eb_reader_t *reader, eb_problem_t **problem,
                             apr_pool_t *pool)
{
    char start[START_LEN], *head, *message;

    if (reader->len < START_LEN)
        return APR_EINVAL;
    apr_status_t rv = reader->at(reader, 0, start, START_LEN, problem, pool);
    if (rv)
        return rv;
    apr_size_t len = get_u32(start + 4);
    if (memcmp(start, MAGIC, 4) != 0 || len > HEAD_MAX || len > reader->len - START_LEN)
        return APR_EINVAL;
    rv = load(&head, reader, START_LEN, len, problem, pool);
    if (rv)
        return rv;
    cursor_t c = {head, head + len};
    if (!take_head(package, START_LEN + len, reader, &c, pool))
        return APR_EINVAL;
    rv = load(&message, reader, START_LEN + len, package->message_len, problem, pool);
    package->message = message;
    return rv;
}
