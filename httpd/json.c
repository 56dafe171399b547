/* Texts from the configuration go into JSON whatever their bytes, and documents into buffers. */
#include "json.h"

#include "base/utf8.h"

json_t *eb_json_text(const char *text, apr_pool_t *p)
{
    char *copy;

    if (text == NULL)
        return json_null();
    if (eb_utf8_valid(text, strlen(text)))
        return json_string(text);
    copy = apr_pstrdup(p, text);
    for (char *c = copy; *c != '\0'; c++)
        if ((unsigned char)*c >= 0x80)
            *c = '?';
    return json_string(copy);
}

static int append(const char *data, size_t len, void *out)
{
    eb_buf_add(out, data, len);
    return 0;
}

apr_status_t eb_json_write(eb_buf_t *out, json_t *json)
{
    if (json == NULL)
        return APR_ENOMEM;
    json_dump_callback(json, append, out, JSON_INDENT(2));
    eb_buf_putc(out, '\n');
    json_decref(json);
    return APR_SUCCESS;
}
