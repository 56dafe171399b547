/* Records of drafts: what decodes encodes to the very same bytes, and its texts are texts. */
#include "fuzz.h"
#include "sample.h"
#include "base/utf8.h"

#include <apr_errno.h>

#define FORM "antrag(person(name(ruf geburt) alter) kinder(kind*(name alter)) reisen(reise*(land)))"

static void check_row(const eb_row_t *row, const eb_scope_t *scope, const uint8_t *data,
                      size_t size)
{
    for (int i = 0; i < scope->fields_count; i++) {
        const char *value = row->values[i];
        if (!value)
            continue;
        must((const uint8_t *)value > data && (const uint8_t *)value < data + size);
        must(*value && eb_utf8_valid(value, strlen(value)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *pool = fuzz_begin();
    eb_form_t *form = sample_form(FORM, pool);
    eb_instance_t *in = NULL;
    apr_status_t status = eb_instance_decode(&in, form, data, size, pool);
    must(status == APR_SUCCESS || status == APR_EINVAL);
    if (status == APR_SUCCESS) {
        eb_buf_t again;
        eb_buf_init(&again, size, pool);
        eb_instance_encode(&again, in);
        must(again.len == size && memcmp(again.data, data, size) == 0);
        check_row(&in->root, form->scope, data, size);
        for (int i = 0; i < form->repeats_count; i++)
            for (int entry = 0; entry < in->lists[i].count; entry++)
                check_row(&in->lists[i].rows[entry], form->repeats[i]->entries, data, size);
    }
    apr_pool_destroy(pool);
    return 0;
}
