/* Object streams (ISO 32000-2, 7.5.7): objects in a compressed stream, behind a table of their
 * places in it. They are inflated into a small buffer, from there into a lexer of their own, and go
 * through the same check of names. The places are compared with where objects really begin, since
 * one that points into a string would make an object of it. What cannot be inflated here, or wants
 * to become too large, cannot be checked and is refused. */
#include "content_pdf.h"

#include <string.h>
#include <zlib.h>

#define OBJECTS_MAX 16384 /* of one stream; programs write one or two hundred */
#define BUFFER_LEN  8192
#define TOTAL_MAX   (32 * 1024 * 1024) /* inflated bytes of all streams of a file */

typedef struct eb_pdf_objstm_t {
    apr_pool_t *pool;
    eb_pdf_lex_t lex;
    eb_pdf_dict_t dict;
    bool deflated;
    bool at_start;   /* no byte but space has come */
    bool inflated;   /* the compressed data has come to its end */
    unsigned behind; /* letters of "endstream" that have come after it */
    z_stream z;
    unsigned char *buffer;
    apr_uint64_t total;
    apr_uint32_t *places; /* of the objects, from `first` */
    apr_int64_t first, count;
    apr_int64_t words;      /* of the table that have come */
    apr_int64_t next;       /* object that has not begun */
    apr_uint64_t last_ends; /* where the object or comment before ended */
} eb_pdf_objstm_t;

static const char endstream[] = "endstream";

static void *allocate(void *pool, uInt n, uInt size)
{
    return apr_palloc(pool, (apr_size_t)n * size);
}

/* The pool frees. */
static void leave(void *pool, void *block)
{
    (void)pool;
    (void)block;
}

eb_pdf_objstm_t *eb_pdf_objstm_new(apr_pool_t *pool)
{
    eb_pdf_objstm_t *objstm = apr_pcalloc(pool, sizeof(*objstm));
    objstm->pool = pool;
    return objstm;
}

/* Once for a file: files without object streams do without. */
static bool prepare(eb_pdf_objstm_t *objstm)
{
    if (objstm->buffer)
        return inflateReset(&objstm->z) == Z_OK;
    objstm->buffer = apr_palloc(objstm->pool, BUFFER_LEN);
    objstm->places = apr_palloc(objstm->pool, OBJECTS_MAX * sizeof(*objstm->places));
    objstm->z.zalloc = allocate;
    objstm->z.zfree = leave;
    objstm->z.opaque = objstm->pool;
    return inflateInit(&objstm->z) == Z_OK;
}

const char *eb_pdf_objstm_begin(eb_pdf_objstm_t *objstm, const eb_pdf_dict_t *dict)
{
    if (dict->twice || dict->parms || dict->filter == EB_PDF_OTHER || dict->first < 0 ||
        dict->first > TOTAL_MAX || dict->count < 0 || dict->count > OBJECTS_MAX || !prepare(objstm))
        return eb_pdf_opaque;
    objstm->deflated = dict->filter == EB_PDF_FLATE;
    objstm->at_start = true;
    objstm->inflated = false;
    objstm->behind = 0;
    objstm->first = dict->first;
    objstm->count = dict->count;
    objstm->words = objstm->next = 0;
    objstm->last_ends = (apr_uint64_t)dict->first;
    memset(&objstm->lex, 0, sizeof(objstm->lex));
    eb_pdf_dict_begin(&objstm->dict);
    return NULL;
}

/* Pairs of an object's number and its place; places go upwards. */
static const char *take_table(eb_pdf_objstm_t *objstm, eb_pdf_kind_t kind)
{
    apr_int64_t n = kind == EB_PDF_WORD ? eb_pdf_lex_number(&objstm->lex) : -1;
    apr_int64_t i = objstm->words++ / 2;
    if (n < 0 || objstm->lex.ends > (apr_uint64_t)objstm->first)
        return eb_pdf_opaque;
    if (objstm->words % 2)
        return NULL;
    if (n > TOTAL_MAX || (i && n < objstm->places[i - 1]))
        return eb_pdf_opaque;
    objstm->places[i] = (apr_uint32_t)n;
    return NULL;
}

/* An object begins, or something that none of the places names: these must lie between objects. */
static const char *take_places(eb_pdf_objstm_t *objstm)
{
    apr_uint64_t begins = objstm->lex.begins;
    for (; objstm->next < objstm->count; objstm->next++) {
        apr_uint64_t place = (apr_uint64_t)objstm->first + objstm->places[objstm->next];
        if (place > begins)
            return NULL;
        if (place < objstm->last_ends)
            return eb_pdf_opaque;
    }
    return NULL;
}

/* A place may be that of a comment, but not lie in it. */
static const char *take_comment(eb_pdf_objstm_t *objstm)
{
    bool between = !objstm->dict.depth && objstm->words == 2 * objstm->count;
    const char *why = between ? take_places(objstm) : NULL;
    if (between)
        objstm->last_ends = objstm->lex.ends;
    return why;
}

static const char *take_token(eb_pdf_objstm_t *objstm, eb_pdf_kind_t kind)
{
    const char *why = NULL;
    if (kind == EB_PDF_BAD || (kind == EB_PDF_WORD && eb_pdf_lex_is_structure(&objstm->lex)))
        return eb_pdf_damaged;
    if (kind == EB_PDF_COMMENT)
        return take_comment(objstm);
    if (objstm->words < 2 * objstm->count)
        return take_table(objstm, kind);
    if (objstm->lex.begins < (apr_uint64_t)objstm->first)
        return eb_pdf_opaque;
    if (!objstm->dict.depth)
        why = take_places(objstm);
    if (!why)
        why = eb_pdf_dict_token(&objstm->dict, kind, &objstm->lex);
    if (!objstm->dict.depth)
        objstm->last_ends = objstm->lex.ends;
    return why;
}

static const char *take_text(eb_pdf_objstm_t *objstm, const unsigned char *data, apr_size_t len)
{
    bool too_much = len > TOTAL_MAX - objstm->total;
    if (too_much)
        len = (apr_size_t)(TOTAL_MAX - objstm->total);
    const unsigned char *p = data, *end = data + len;
    const char *why = NULL;
    objstm->total += len;
    eb_pdf_lex_piece(&objstm->lex, data);
    while (p < end && !why) {
        eb_pdf_kind_t kind = eb_pdf_lex_next(&objstm->lex, &p, end);
        why = kind == EB_PDF_NONE ? NULL : take_token(objstm, kind);
    }
    eb_pdf_lex_piece_done(&objstm->lex, len);
    return !why && too_much ? eb_pdf_opaque : why;
}

static const char *take_deflated(eb_pdf_objstm_t *objstm, const unsigned char **data,
                                 const unsigned char *end)
{
    const char *why = NULL;
    int rv = Z_OK;
    objstm->z.next_in = (z_const Bytef *)*data;
    objstm->z.avail_in = (uInt)(end - *data);
    do {
        objstm->z.next_out = objstm->buffer;
        objstm->z.avail_out = BUFFER_LEN;
        rv = inflate(&objstm->z, Z_NO_FLUSH);
        why = take_text(objstm, objstm->buffer, BUFFER_LEN - objstm->z.avail_out);
    } while (rv == Z_OK && !why && (objstm->z.avail_in || !objstm->z.avail_out));
    *data = end - objstm->z.avail_in;
    objstm->inflated = rv == Z_STREAM_END;
    if (!why && rv != Z_OK && rv != Z_STREAM_END && rv != Z_BUF_ERROR)
        why = eb_pdf_opaque;
    return why;
}

static bool is_space(unsigned char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* Behind the compressed data there is only space, then "endstream". */
static const char *take_behind(eb_pdf_objstm_t *objstm, unsigned char c)
{
    if (objstm->behind == 0 && is_space(c))
        return NULL;
    if (objstm->behind == sizeof(endstream) - 1 || c != endstream[objstm->behind])
        return eb_pdf_opaque;
    objstm->behind++;
    return NULL;
}

/* The line's end behind "stream" belongs to neither. Compressed data never begins with space. Plain
 * text counts its places from its first byte, which therefore must be beyond doubt. */
static const char *take_start(eb_pdf_objstm_t *objstm, const unsigned char **data,
                              const unsigned char *end)
{
    while (objstm->at_start && *data < end) {
        bool lf = **data == '\n', cr = **data == '\r' && !objstm->behind;
        if (objstm->deflated && is_space(**data)) {
            (*data)++;
            continue;
        }
        if (!objstm->deflated && !lf && !cr)
            return eb_pdf_opaque;
        *data += !objstm->deflated;
        objstm->behind = cr && !objstm->deflated;
        objstm->at_start = cr && !objstm->deflated;
    }
    return NULL;
}

const char *eb_pdf_objstm_feed(eb_pdf_objstm_t *objstm, const unsigned char *data, apr_size_t len)
{
    const unsigned char *end = data + len;
    const char *why = take_start(objstm, &data, end);
    if (why || data == end)
        return why;
    if (!objstm->deflated)
        return take_text(objstm, data, (apr_size_t)(end - data));
    if (!objstm->inflated)
        why = take_deflated(objstm, &data, end);
    for (; data < end && objstm->inflated && !why; data++)
        why = take_behind(objstm, *data);
    return why;
}

/* The table was complete, so was the last object, and all places were met. Plain text ends with the
 * word that ended the stream. */
const char *eb_pdf_objstm_end(eb_pdf_objstm_t *objstm)
{
    eb_pdf_kind_t kind = eb_pdf_lex_end(&objstm->lex);
    const char *why = NULL;
    if (!objstm->deflated) {
        if (kind != EB_PDF_WORD || !eb_pdf_lex_is(&objstm->lex, endstream))
            return eb_pdf_opaque;
    } else if (objstm->behind != sizeof(endstream) - 1) {
        return eb_pdf_opaque;
    } else if (kind != EB_PDF_NONE) {
        why = take_token(objstm, kind);
    }
    if (why)
        return why;
    bool complete = objstm->words == 2 * objstm->count && objstm->next == objstm->count;
    return complete && !objstm->dict.depth ? NULL : eb_pdf_opaque;
}
