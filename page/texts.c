/* The table of texts.def. Looking a name up is for the start of httpd; a request uses ids. */
#include "texts.h"

#include <string.h>

static const struct {
    const char *name, *german;
} table[] = {
#define EB_TEXT(name, german) {#name, german},
#include "texts.def"
#undef EB_TEXT
};

const char *eb_text(eb_text_id_t id)
{
    return table[id].german;
}

const char *eb_text_named(const char *name, apr_size_t len)
{
    for (int i = 0; i < EB_T_COUNT; i++) {
        if (!strncmp(table[i].name, name, len) && !table[i].name[len])
            return table[i].german;
    }
    return NULL;
}
