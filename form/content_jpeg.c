/* JPEG (ITU-T T.81): a row of marked segments with a length, and between them scans, whose data
 * has none and ends at the next marker that is not a restart. Segments are skipped by their length,
 * scans by looking for 0xFF; only SOF and SOS are looked into. Accepted is what cameras, scanners
 * and browsers write and read: Huffman coded, 8 bits, baseline or progressive. What stands behind
 * EOI is not part of the image: phones append clips and further images, which are left out. */
#include "content_parts.h"

#include "content.h"

#include <string.h>

#define SCANS_MAX                                                                                  \
    100 /* a progressive image has about ten; each one costs a pass over the image                 \
         */

enum { SOF0 = 0xC0, SOF1, SOF2, DHT = 0xC4, SOI = 0xD8, EOI, SOS, DQT, DNL, DRI, APP0 = 0xE0 };
enum { RST0 = 0xD0, RST7 = 0xD7, APP15 = 0xEF, COM = 0xFE };

typedef enum {
    START,   /* 0xFF of SOI */
    FIRST,   /* 0xD8 */
    MARK,    /* 0xFF of a marker */
    CODE,    /* the marker's kind, or another 0xFF */
    LEN_1,   /* high byte of a segment's length */
    LEN_2,   /* low byte */
    SEGMENT, /* its data */
    SCAN,    /* coded data */
    SCAN_FF, /* 0xFF in coded data */
    BEHIND   /* EOI has come */
} jpeg_state_t;

typedef struct jpeg_t {
    eb_check_t check;
    jpeg_state_t state;
    unsigned char marker;
    unsigned char head[6]; /* the first bytes of a segment */
    unsigned len, at;      /* of its data, and how much of that has come */
    unsigned parts;        /* components of the image; 0: no SOF yet */
    unsigned scans;
    bool coded; /* the scan has data */
} jpeg_t;

static const char damaged[] = EB_SAY(
    "Dieses JPEG-Bild ist beschädigt oder unvollständig. Bitte öffnen Sie es, speichern Sie es neu "
    "als JPEG, oder fotografieren Sie das Dokument noch einmal, und laden Sie die neue Datei "
    "hoch.");
static const char too_large[] = EB_SAY(
    "Dieses JPEG-Bild hat zu viele Bildpunkte; erlaubt sind 100 Millionen, zum Beispiel 10 000 mal "
    "10 000. Bitte verkleinern Sie es, oder fotografieren Sie mit einer kleineren Auflösung, und "
    "laden Sie es noch einmal hoch.");
static const char foreign[] =
    EB_SAY("Dieses JPEG-Bild hat eine Sonderform, die viele Programme nicht anzeigen können. Bitte "
           "speichern Sie es neu als gewöhnliches JPEG, und laden Sie die neue Datei hoch.");

static const char *check_frame(jpeg_t *jpeg)
{
    const unsigned char *p = jpeg->head;
    apr_uint64_t height = (apr_uint64_t)(p[1] << 8 | p[2]),
                 width = (apr_uint64_t)(p[3] << 8 | p[4]);
    if (jpeg->parts)
        return damaged;
    if (p[0] != 8)
        return foreign;
    if (!height || !width || p[5] < 1 || p[5] > 4 || jpeg->len != 6 + 3u * p[5])
        return damaged;
    jpeg->parts = p[5];
    return height * width > EB_CONTENT_PIXELS ? too_large : NULL;
}

static const char *check_scan(jpeg_t *jpeg)
{
    unsigned parts = jpeg->head[0];
    bool good = jpeg->parts && parts >= 1 && parts <= jpeg->parts && jpeg->len == 4 + 2 * parts;
    return good && ++jpeg->scans <= SCANS_MAX ? NULL : damaged;
}

static const char *end_segment(jpeg_t *jpeg)
{
    bool frame = jpeg->marker >= SOF0 && jpeg->marker <= SOF2;
    jpeg->state = jpeg->marker == SOS ? SCAN : MARK;
    jpeg->coded = false;
    if (jpeg->marker == SOS)
        return check_scan(jpeg);
    return frame ? check_frame(jpeg) : NULL;
}

/* Least bytes of data, so that the head of those looked into is there. */
static const char *begin_segment(jpeg_t *jpeg)
{
    bool frame = jpeg->marker >= SOF0 && jpeg->marker <= SOF2;
    unsigned least = frame || jpeg->marker == SOS ? 6 : 0;
    if (jpeg->len < 2 + least)
        return damaged;
    jpeg->len -= 2;
    jpeg->at = 0;
    jpeg->state = SEGMENT;
    return jpeg->len ? NULL : end_segment(jpeg);
}

static bool has_length(unsigned char marker)
{
    return (marker >= SOF0 && marker <= SOF2) || marker == DHT ||
           (marker >= SOS && marker <= DRI) || (marker >= APP0 && marker <= APP15) || marker == COM;
}

/* The other SOFs: lossless, hierarchical, arithmetic; 0xDE and 0xDF belong to hierarchical ones,
 * 0xCC to arithmetic ones. */
static bool is_foreign(unsigned char marker)
{
    return (marker > SOF2 && marker <= 0xCF) || marker == 0xDE || marker == 0xDF || marker == 0xF7;
}

static const char *begin_marker(jpeg_t *jpeg, unsigned char c)
{
    jpeg->marker = c;
    if (c == EOI) {
        jpeg->state = BEHIND;
        return jpeg->scans ? NULL : damaged;
    }
    jpeg->state = LEN_1;
    if (has_length(c))
        return NULL;
    return is_foreign(c) ? foreign : damaged;
}

static const char *take_segment(jpeg_t *jpeg, const unsigned char **p, const unsigned char *end)
{
    while (jpeg->at < sizeof(jpeg->head) && jpeg->at < jpeg->len && *p < end)
        jpeg->head[jpeg->at++] = *(*p)++;
    apr_size_t n = jpeg->len - jpeg->at;
    if (n > (apr_size_t)(end - *p))
        n = (apr_size_t)(end - *p);
    *p += n;
    jpeg->at += (unsigned)n;
    return jpeg->at == jpeg->len ? end_segment(jpeg) : NULL;
}

static void take_scan(jpeg_t *jpeg, const unsigned char **p, const unsigned char *end)
{
    const unsigned char *mark = memchr(*p, 0xFF, (apr_size_t)(end - *p));
    jpeg->coded |= mark != *p;
    *p = mark ? mark + 1 : end;
    if (mark)
        jpeg->state = SCAN_FF;
}

static const char *take_scan_mark(jpeg_t *jpeg, unsigned char c)
{
    if (c == 0xFF)
        return NULL;
    if (c == 0 || (c >= RST0 && c <= RST7)) {
        jpeg->coded |= c == 0;
        jpeg->state = SCAN;
        return NULL;
    }
    return jpeg->coded ? begin_marker(jpeg, c) : damaged;
}

static const char *take_mark(jpeg_t *jpeg, unsigned char c)
{
    jpeg->state = CODE;
    return c == 0xFF ? NULL : damaged;
}

static const char *step(jpeg_t *jpeg, const unsigned char **p, const unsigned char *end)
{
    switch (jpeg->state) {
    case START: jpeg->state = FIRST; return *(*p)++ == 0xFF ? NULL : damaged;
    case FIRST: jpeg->state = MARK; return *(*p)++ == SOI ? NULL : damaged;
    case MARK: return take_mark(jpeg, *(*p)++);
    case CODE: return **p == 0xFF ? ((*p)++, NULL) : begin_marker(jpeg, *(*p)++);
    case LEN_1:
        jpeg->len = (unsigned)*(*p)++ << 8;
        jpeg->state = LEN_2;
        return NULL;
    case LEN_2: jpeg->len |= *(*p)++; return begin_segment(jpeg);
    case SEGMENT: return take_segment(jpeg, p, end);
    case SCAN: take_scan(jpeg, p, end); return NULL;
    case SCAN_FF: return take_scan_mark(jpeg, *(*p)++);
    case BEHIND: break;
    }
    return NULL;
}

static apr_status_t jpeg_feed(eb_check_t *check, const unsigned char *data, apr_size_t len,
                              apr_size_t *keep)
{
    jpeg_t *jpeg = (jpeg_t *)check;
    const unsigned char *p = data, *end = data + len;
    const char *why = NULL;
    while (p < end && jpeg->state != BEHIND && !why)
        why = step(jpeg, &p, end);
    *keep = (apr_size_t)(p - data);
    return why ? eb_check_refuse(check, why) : APR_SUCCESS;
}

static apr_status_t jpeg_finish(eb_check_t *check)
{
    return ((jpeg_t *)check)->state == BEHIND ? APR_SUCCESS : eb_check_refuse(check, damaged);
}

eb_check_t *eb_check_jpeg(apr_pool_t *pool)
{
    jpeg_t *jpeg = apr_pcalloc(pool, sizeof(*jpeg));
    jpeg->check.feed = jpeg_feed;
    jpeg->check.finish = jpeg_finish;
    return &jpeg->check;
}
