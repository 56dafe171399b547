/* The stored form of a draft, chosen for speed: what is answered, by slot, each text with the NUL
 * that C wants behind it, so that decoding sets pointers and copies nothing.
 *
 *     record := version(1 byte) seen(EB_STEPS_MAX / 8 bytes) row list*     a list per repeat, by
 * slot list   := count row* row    := count (gap length text NUL)*         gap: fields skipped
 * since the one before
 *
 * Counts, gaps and lengths are LEB128 in their shortest form, so that every instance has exactly
 * one encoding. The slots are those of the form named in the draft's header; nothing here names
 * fields.
 */
#include "instance.h"
#include "base/utf8.h"

#include <apr_errno.h>
#include <string.h>

#define VERSION    1
#define NUMBER_MAX 5 /* bytes of a 32 bit number */

static char *write_number(char *to, apr_uint32_t n)
{
    for (; n >= 0x80; n >>= 7)
        *to++ = (char)(n | 0x80);
    *to++ = (char)n;
    return to;
}

static void put_number(eb_buf_t *out, apr_uint32_t n)
{
    char *to = eb_buf_reserve(out, NUMBER_MAX);
    out->len += write_number(to, n) - to;
}

static void put_text(eb_buf_t *out, apr_uint32_t gap, const char *text)
{
    apr_size_t len = strlen(text);
    char *start = eb_buf_reserve(out, len + 1 + 2 * NUMBER_MAX);
    char *to = write_number(write_number(start, gap), (apr_uint32_t)len);
    memcpy(to, text, len + 1);
    out->len += to + len + 1 - start;
}

static void put_row(eb_buf_t *out, const eb_row_t *row, int fields)
{
    int answered = 0, next = 0;
    for (int i = 0; i < fields; i++)
        answered += row->values[i] != NULL;
    put_number(out, answered);
    for (int i = 0; i < fields; i++) {
        if (!row->values[i])
            continue;
        put_text(out, i - next, row->values[i]);
        next = i + 1;
    }
}

void eb_instance_encode(eb_buf_t *out, const eb_instance_t *in)
{
    const eb_form_t *form = in->form;
    eb_buf_putc(out, VERSION);
    eb_buf_add(out, in->seen, sizeof in->seen);
    put_row(out, &in->root, form->scope->fields_count);
    for (int i = 0; i < form->repeats_count; i++) {
        const eb_list_t *list = &in->lists[i];
        put_number(out, list->count);
        for (int entry = 0; entry < list->count; entry++)
            put_row(out, &list->rows[entry], form->repeats[i]->entries->fields_count);
    }
}

typedef struct reader_t {
    const unsigned char *at, *end;
} reader_t;

static bool get_number(reader_t *r, apr_uint32_t max, apr_uint32_t *n)
{
    apr_uint64_t value = 0;
    for (int shift = 0; r->at < r->end && shift < 7 * NUMBER_MAX; shift += 7) {
        unsigned char byte = *r->at++;
        value |= (apr_uint64_t)(byte & 0x7f) << shift;
        if (byte & 0x80)
            continue;
        *n = (apr_uint32_t)value;
        return value <= max && (byte || !shift); /* a last byte of zero was not needed */
    }
    return false;
}

/* A text that is not empty, ends with its only NUL and is UTF-8. */
static bool get_text(reader_t *r, const char **text)
{
    apr_uint32_t len;
    if (!get_number(r, EB_INSTANCE_MAX, &len) || len == 0 || (apr_size_t)(r->end - r->at) <= len)
        return false;
    *text = (const char *)r->at;
    r->at += len + 1;
    return memchr(*text, '\0', len + 1) == *text + len && eb_utf8_valid(*text, len);
}

static bool get_row(reader_t *r, eb_row_t *row, int fields, apr_pool_t *pool)
{
    apr_uint32_t answered, gap;
    int next = 0;
    row->values = apr_pcalloc(pool, (fields + 1) * sizeof *row->values);
    if (!get_number(r, fields, &answered))
        return false;
    for (; answered > 0; answered--) {
        if (!get_number(r, fields, &gap) || next + (int)gap >= fields)
            return false;
        next += (int)gap;
        if (!get_text(r, &row->values[next++]))
            return false;
    }
    return true;
}

static bool get_list(reader_t *r, eb_list_t *list, const eb_node_t *repeat, apr_pool_t *pool)
{
    apr_uint32_t count;
    if (!get_number(r, EB_ENTRIES_MAX, &count))
        return false;
    list->rows = apr_palloc(pool, (count + 1) * sizeof *list->rows);
    list->count = (int)count;
    for (int i = 0; i < list->count; i++)
        if (!get_row(r, &list->rows[i], repeat->entries->fields_count, pool))
            return false;
    return true;
}

static bool get_instance(reader_t *r, eb_instance_t *in)
{
    if ((apr_size_t)(r->end - r->at) < 1 + sizeof in->seen || *r->at != VERSION)
        return false;
    memcpy(in->seen, r->at + 1, sizeof in->seen);
    r->at += 1 + sizeof in->seen;
    if (!get_row(r, &in->root, in->form->scope->fields_count, in->pool))
        return false;
    for (int i = 0; i < in->form->repeats_count; i++)
        if (!get_list(r, &in->lists[i], in->form->repeats[i], in->pool))
            return false;
    return r->at == r->end;
}

apr_status_t eb_instance_decode(eb_instance_t **in, const eb_form_t *form, const void *data,
                                apr_size_t len, apr_pool_t *pool)
{
    reader_t r = {data, (const unsigned char *)data + len};
    eb_instance_t *made = apr_pcalloc(pool, sizeof *made);
    made->form = form;
    made->lists = apr_pcalloc(pool, (form->repeats_count + 1) * sizeof *made->lists);
    made->pool = pool;
    if (len > EB_INSTANCE_MAX || !get_instance(&r, made))
        return APR_EINVAL;
    *in = made;
    return APR_SUCCESS;
}
