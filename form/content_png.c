/* PNG (ISO/IEC 15948): a row of chunks, each with its length, its type and a checksum. Chunks are
 * walked and summed, never held; only IHDR is looked into. What is critical and unknown is refused,
 * and so is anything behind IEND: programs that crop by overwriting left the former picture there.
 */
#include "content_parts.h"

#include "content.h"

#include <string.h>
#include <zlib.h>

#define IHDR_LEN      13
#define PLTE_MAX      (3 * 256)
#define ANCILLARY_MAX 8000000 /* bytes of texts, profiles and the like; libpng's own limit */

typedef enum { SIGNATURE, HEADER, DATA, CHECKSUM, BEHIND } png_state_t;

typedef struct png_t {
    eb_check_t check;
    png_state_t state;
    unsigned char field[IHDR_LEN]; /* what is collected whole: signature, header, IHDR, checksum */
    apr_size_t have;
    char type[5];
    apr_uint32_t left; /* bytes of the chunk's data still to come */
    uLong crc;
    bool indexed;                 /* the colours are in a palette */
    bool ihdr, plte, idat, other; /* seen so far; `other`: something after the first IDAT */
} png_t;

static const char damaged[] = EB_SAY(
    "Dieses PNG-Bild ist beschädigt oder unvollständig. Bitte öffnen Sie es, speichern Sie es neu "
    "als PNG oder JPEG, und laden Sie die neue Datei hoch.");
static const char behind[] =
    EB_SAY("Hinter dem Ende dieses PNG-Bildes stehen noch andere Daten. Bitte öffnen Sie das Bild, "
           "speichern Sie es unter einem neuen Namen, und laden Sie die neue Datei hoch.");
static const char too_large[] = EB_SAY(
    "Dieses PNG-Bild hat zu viele Bildpunkte; erlaubt sind 100 Millionen, zum Beispiel 10 000 mal "
    "10 000. Bitte verkleinern Sie es, oder scannen Sie mit 300 dpi, und laden Sie es noch einmal "
    "hoch.");
static const char foreign[] =
    EB_SAY("Dieses PNG-Bild hat eine Sonderform, die andere Programme nicht anzeigen können. Bitte "
           "speichern Sie es neu als PNG oder JPEG, und laden Sie die neue Datei hoch.");

static apr_uint32_t number(const unsigned char *p)
{
    return (apr_uint32_t)p[0] << 24 | (apr_uint32_t)p[1] << 16 | (apr_uint32_t)p[2] << 8 | p[3];
}

static bool is(const png_t *png, const char *type)
{
    return strcmp(png->type, type) == 0;
}

/* Table 11.1: which depths go with which colour type. */
static bool depth_fits(unsigned char colour, unsigned char depth)
{
    switch (colour) {
    case 0: return depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16;
    case 3: return depth == 1 || depth == 2 || depth == 4 || depth == 8;
    case 2:
    case 4:
    case 6: return depth == 8 || depth == 16;
    }
    return false;
}

static const char *check_ihdr(png_t *png)
{
    const unsigned char *p = png->field;
    apr_uint64_t width = number(p), height = number(p + 4);
    if (!width || !height || width > 0x7FFFFFFF || height > 0x7FFFFFFF)
        return damaged;
    if (!depth_fits(p[9], p[8]) || p[10] != 0 || p[11] != 0 || p[12] > 1)
        return damaged;
    png->indexed = p[9] == 3;
    return width * height > EB_CONTENT_PIXELS ? too_large : NULL;
}

static bool is_letter(unsigned char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Section 5.6: what may come after what. */
static const char *check_place(png_t *png, apr_uint32_t len)
{
    if (is(png, "IHDR") != !png->ihdr)
        return damaged;
    if (is(png, "IHDR"))
        return len == IHDR_LEN ? NULL : damaged;
    if (is(png, "PLTE"))
        return !png->plte && !png->idat && len && len <= PLTE_MAX && len % 3 == 0 ? NULL : damaged;
    if (is(png, "IDAT"))
        return png->other || (png->indexed && !png->plte) ? damaged : NULL;
    if (is(png, "IEND"))
        return len == 0 && png->idat ? NULL : damaged;
    if (!(png->type[0] & 0x20))
        return foreign;
    return len <= ANCILLARY_MAX ? NULL : damaged;
}

static const char *begin_chunk(png_t *png)
{
    apr_uint32_t len = number(png->field);
    memcpy(png->type, png->field + 4, 4);
    for (int i = 0; i < 4; i++) {
        if (!is_letter((unsigned char)png->type[i]))
            return damaged;
    }
    const char *why = len > 0x7FFFFFFF ? damaged : check_place(png, len);
    png->ihdr = true;
    png->plte |= is(png, "PLTE");
    png->other |= png->idat && !is(png, "IDAT");
    png->idat |= is(png, "IDAT") && len;
    png->crc = crc32(crc32(0, Z_NULL, 0), png->field + 4, 4);
    png->left = len;
    png->state = len ? DATA : CHECKSUM;
    return why;
}

static const char *end_chunk(png_t *png)
{
    if (number(png->field) != (apr_uint32_t)png->crc)
        return damaged;
    png->state = is(png, "IEND") ? BEHIND : HEADER;
    return NULL;
}

/* Up to `want` bytes into the field; true when it is full. */
static bool collect(png_t *png, apr_size_t want, const unsigned char **p, const unsigned char *end)
{
    apr_size_t n = want - png->have;
    if (n > (apr_size_t)(end - *p))
        n = (apr_size_t)(end - *p);
    memcpy(png->field + png->have, *p, n);
    *p += n;
    png->have += n;
    if (png->have < want)
        return false;
    png->have = 0;
    return true;
}

static const char *take_data(png_t *png, const unsigned char **p, const unsigned char *end)
{
    const unsigned char *from = *p;
    const char *why = NULL;
    if (is(png, "IHDR")) {
        if (collect(png, IHDR_LEN, p, end))
            why = check_ihdr(png);
    } else {
        *p += png->left < (apr_size_t)(end - *p) ? png->left : (apr_size_t)(end - *p);
    }
    png->crc = crc32(png->crc, from, (uInt)(*p - from));
    png->left -= (apr_uint32_t)(*p - from);
    if (png->left == 0)
        png->state = CHECKSUM;
    return why;
}

static const char *step(png_t *png, const unsigned char **p, const unsigned char *end)
{
    static const unsigned char signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    switch (png->state) {
    case SIGNATURE:
        if (!collect(png, sizeof(signature), p, end))
            return NULL;
        png->state = HEADER;
        return memcmp(png->field, signature, sizeof(signature)) == 0 ? NULL : damaged;
    case HEADER: return collect(png, 8, p, end) ? begin_chunk(png) : NULL;
    case DATA: return take_data(png, p, end);
    case CHECKSUM: return collect(png, 4, p, end) ? end_chunk(png) : NULL;
    case BEHIND: break;
    }
    return behind;
}

static apr_status_t png_feed(eb_check_t *check, const unsigned char *data, apr_size_t len,
                             apr_size_t *keep)
{
    const unsigned char *p = data, *end = data + len;
    const char *why = NULL;
    (void)keep;
    while (p < end && !why)
        why = step((png_t *)check, &p, end);
    return why ? eb_check_refuse(check, why) : APR_SUCCESS;
}

static apr_status_t png_finish(eb_check_t *check)
{
    return ((png_t *)check)->state == BEHIND ? APR_SUCCESS : eb_check_refuse(check, damaged);
}

eb_check_t *eb_check_png(apr_pool_t *pool)
{
    png_t *png = apr_pcalloc(pool, sizeof(*png));
    png->check.feed = png_feed;
    png->check.finish = png_finish;
    return &png->check;
}
