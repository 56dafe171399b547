/* The first bytes choose the checker; without one of the three magics, more of them are collected
 * to say what the file is instead. The name and the declared type come last: a photo in HEIC under
 * the name .jpg gets the advice about HEIC. */
#include "content.h"

#include "content_kinds.h"
#include "content_parts.h"

#include <apr_strings.h>
#include <string.h>

#define MAGIC_LEN 8 /* of the longest of the three */

typedef struct kind_t {
    int len;
    const char *magic;
    const char *type;
    const char *endings[2];
    const char *aliases[2]; /* what some systems call the type */
    eb_check_t *(*check)(apr_pool_t *pool);
    const char *misnamed, *misdeclared;
} kind_t;

static const kind_t kinds[] = {
    {5,
     "%PDF-",
     "application/pdf",
     {".pdf", NULL},
     {"application/x-pdf", NULL},
     eb_check_pdf,
     EB_SAY(
         "Diese Datei ist ein PDF, ihr Name sagt aber etwas anderes. Bitte geben Sie ihr einen "
         "Namen, "
         "der auf „.pdf“ endet, zum Beispiel „Urkunde.pdf“, und laden Sie sie noch einmal hoch."),
     EB_SAY("Diese Datei ist ein PDF, wurde aber als etwas anderes gesendet. Bitte öffnen Sie sie, "
            "speichern Sie sie neu als PDF, und laden Sie die neue Datei hoch.")},
    {3,
     "\xFF\xD8\xFF",
     "image/jpeg",
     {".jpg", ".jpeg"},
     {"image/jpg", "image/pjpeg"},
     eb_check_jpeg,
     EB_SAY("Diese Datei ist ein JPEG-Bild, ihr Name sagt aber etwas anderes. Bitte geben Sie ihr "
            "einen "
            "Namen, der auf „.jpg“ endet, zum Beispiel „Urkunde.jpg“, und laden Sie sie noch "
            "einmal hoch."),
     EB_SAY("Diese Datei ist ein JPEG-Bild, wurde aber als etwas anderes gesendet. Bitte öffnen "
            "Sie sie, "
            "speichern Sie sie neu als JPEG, und laden Sie die neue Datei hoch.")},
    {8,
     "\x89PNG\r\n\x1A\n",
     "image/png",
     {".png", NULL},
     {"image/x-png", NULL},
     eb_check_png,
     EB_SAY("Diese Datei ist ein PNG-Bild, ihr Name sagt aber etwas anderes. Bitte geben Sie ihr "
            "einen "
            "Namen, der auf „.png“ endet, zum Beispiel „Urkunde.png“, und laden Sie sie noch "
            "einmal hoch."),
     EB_SAY("Diese Datei ist ein PNG-Bild, wurde aber als etwas anderes gesendet. Bitte öffnen Sie "
            "sie, "
            "speichern Sie sie neu als PNG, und laden Sie die neue Datei hoch.")},
};

struct eb_content_t {
    const char *name, *declared;
    const kind_t *kind;
    eb_check_t *check;
    unsigned char head[EB_KIND_HEAD]; /* until `check` is chosen */
    apr_size_t have;
    const char *why;
    apr_pool_t *pool;
};

eb_content_t *eb_content_new(const char *name, const char *declared, apr_pool_t *pool)
{
    eb_content_t *content = apr_pcalloc(pool, sizeof(*content));
    content->name = apr_pstrdup(pool, name);
    content->declared = apr_pstrdup(pool, declared);
    content->pool = pool;
    return content;
}

static bool ends_with(const char *name, const char *ending)
{
    apr_size_t len = strlen(name), n = ending ? strlen(ending) : 0;
    return n && len > n && strcasecmp(name + len - n, ending) == 0;
}

/* Browsers that do not know say nothing or application/octet-stream. */
static bool is_declared(const kind_t *kind, const char *declared)
{
    if (!declared || !*declared || strcasecmp(declared, "application/octet-stream") == 0)
        return true;
    for (int i = 0; i < 2; i++) {
        if (kind->aliases[i] && strcasecmp(declared, kind->aliases[i]) == 0)
            return true;
    }
    return strcasecmp(declared, kind->type) == 0;
}

static apr_status_t refuse(eb_content_t *content, const char *why)
{
    content->why = why;
    return APR_EINVAL;
}

static apr_status_t feed_check(eb_content_t *content, const void *data, apr_size_t len,
                               apr_size_t *keep)
{
    apr_status_t rv = content->check->feed(content->check, data, len, keep);
    return rv == APR_SUCCESS ? rv : refuse(content, content->check->why);
}

/* One of the three, as soon as that can be seen. What is in the head goes to its checker; none of
 * them can have come to an end that early. */
static apr_status_t choose(eb_content_t *content)
{
    for (apr_size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && !content->kind; i++) {
        if (memcmp(content->head, kinds[i].magic, (apr_size_t)kinds[i].len) == 0)
            content->kind = &kinds[i];
    }
    if (!content->kind)
        return APR_SUCCESS;
    const char *name = content->name ? content->name : "";
    if (!ends_with(name, content->kind->endings[0]) && !ends_with(name, content->kind->endings[1]))
        return refuse(content, content->kind->misnamed);
    if (!is_declared(content->kind, content->declared))
        return refuse(content, content->kind->misdeclared);
    apr_size_t keep = content->have;
    content->check = content->kind->check(content->pool);
    return feed_check(content, content->head, content->have, &keep);
}

/* Until `want` bytes are there; *data and *len become what was not needed. */
static bool collect(eb_content_t *content, apr_size_t want, const unsigned char **data,
                    apr_size_t *len)
{
    if (content->have < want) {
        apr_size_t n = want - content->have < *len ? want - content->have : *len;
        memcpy(content->head + content->have, *data, n);
        content->have += n;
        *data += n;
        *len -= n;
    }
    return content->have >= want;
}

apr_status_t eb_content_feed(eb_content_t *content, const void *data, apr_size_t len,
                             apr_size_t *keep)
{
    const unsigned char *p = data;
    apr_size_t all = len;
    *keep = 0;
    if (content->why)
        return APR_EINVAL;
    if (!len)
        return APR_SUCCESS;
    if (!content->check) {
        if (collect(content, MAGIC_LEN, &p, &len) && content->have == MAGIC_LEN &&
            choose(content) != APR_SUCCESS)
            return APR_EINVAL;
        if (!content->check && collect(content, EB_KIND_HEAD, &p, &len))
            return refuse(content, eb_kind_why(content->head, content->have));
    }
    apr_size_t kept = len;
    if (content->check && len && feed_check(content, p, len, &kept) != APR_SUCCESS)
        return APR_EINVAL;
    *keep = all - len + kept;
    return APR_SUCCESS;
}

apr_status_t eb_content_finish(eb_content_t *content)
{
    if (content->why)
        return APR_EINVAL;
    if (!content->check)
        return refuse(content, eb_kind_why(content->head, content->have));
    apr_status_t rv = content->check->finish(content->check);
    return rv == APR_SUCCESS ? rv : refuse(content, content->check->why);
}

const char *eb_content_type(const eb_content_t *content)
{
    return content->kind ? content->kind->type : NULL;
}

const char *eb_content_why(const eb_content_t *content)
{
    return content->why;
}
