/* The flat form: "EBP", a format byte, then fields, each a length (4 bytes, little endian), that
 * many bytes, and a NUL that makes a text of it without copying. Fields are uuid, number,
 * authority, schema, message, the count of attachments as a text, and name, type, purpose and data
 * of each. The bytes come back from a seal, so whoever reads them trusts their origin; they are
 * read strictly all the same, since the writer may have been another version. */
#include "package.h"

#include <apr_errno.h>
#include <apr_strings.h>
#include <stdbool.h>
#include <stdlib.h>

#define HEAD "EBP\001"

enum { HEAD_LEN = 4, ATTACHMENTS_MAX = 1000 };

static void put_field(eb_buf_t *out, const void *data, apr_size_t len)
{
    for (int i = 0; i < 4; i++)
        eb_buf_putc(out, (char)(len >> (8 * i)));
    eb_buf_add(out, data, len);
    eb_buf_putc(out, '\0');
}

static void put_text(eb_buf_t *out, const char *text)
{
    put_field(out, text, strlen(text));
}

void eb_package_write(eb_buf_t *out, const eb_package_t *package)
{
    eb_buf_add(out, HEAD, HEAD_LEN);
    put_text(out, package->uuid);
    put_text(out, package->number);
    put_text(out, package->authority);
    put_text(out, package->schema);
    put_field(out, package->message, package->message_len);
    put_text(out, apr_itoa(out->pool, package->attachments_count));
    for (int i = 0; i < package->attachments_count; i++) {
        const eb_attachment_t *a = &package->attachments[i];
        put_text(out, a->name);
        put_text(out, a->type);
        put_text(out, a->purpose);
        put_field(out, a->data, a->len);
    }
}

typedef struct cursor_t {
    const unsigned char *at, *end;
} cursor_t;

static bool take_field(const char **data, apr_size_t *len, cursor_t *c)
{
    if (c->end - c->at < 4)
        return false;
    apr_size_t n = c->at[0] | (apr_size_t)c->at[1] << 8 | (apr_size_t)c->at[2] << 16 |
                   (apr_size_t)c->at[3] << 24;
    c->at += 4;
    if ((apr_size_t)(c->end - c->at) <= n || c->at[n] != '\0')
        return false;
    *data = (const char *)c->at;
    *len = n;
    c->at += n + 1;
    return true;
}

static bool take_text(const char **text, cursor_t *c)
{
    apr_size_t len;
    return take_field(text, &len, c) && strlen(*text) == len;
}

static bool take_count(int *count, cursor_t *c, apr_pool_t *pool)
{
    const char *text;

    if (!take_text(&text, c))
        return false;
    *count = atoi(text);
    return *count >= 0 && *count <= ATTACHMENTS_MAX && !strcmp(apr_itoa(pool, *count), text);
}

static bool take_attachment(eb_attachment_t *a, cursor_t *c)
{
    const char *data;

    if (!take_text(&a->name, c) || !take_text(&a->type, c) || !take_text(&a->purpose, c) ||
        !take_field(&data, &a->len, c))
        return false;
    a->data = data;
    return true;
}

static bool take_all(eb_package_t *p, cursor_t *c, apr_pool_t *pool)
{
    if (!take_text(&p->uuid, c) || !eb_uuid_valid(p->uuid) || !take_text(&p->number, c) ||
        !eb_number_valid(p->number) || !take_text(&p->authority, c) || !take_text(&p->schema, c) ||
        !take_field(&p->message, &p->message_len, c) || !take_count(&p->attachments_count, c, pool))
        return false;
    eb_attachment_t *list = apr_pcalloc(pool, p->attachments_count * sizeof *list + 1);
    p->attachments = list;
    for (int i = 0; i < p->attachments_count; i++)
        if (!take_attachment(&list[i], c))
            return false;
    return c->at == c->end;
}

apr_status_t eb_package_read(eb_package_t *package, const void *data, apr_size_t len,
                             apr_pool_t *pool)
{
    cursor_t c = {.at = data, .end = (const unsigned char *)data + len};

    if (len < HEAD_LEN || memcmp(data, HEAD, HEAD_LEN) != 0)
        return APR_EINVAL;
    c.at += HEAD_LEN;
    return take_all(package, &c, pool) ? APR_SUCCESS : APR_EINVAL;
}
