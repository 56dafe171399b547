/* PDF (ISO 32000-2) from its first byte to its last, in one pass. Readers go the other way round,
 * from the table at the end to the objects that it names; a check that did so would see only what
 * it was led to. So everything that could be an object is looked at, whether the tables name it or
 * not, and the file must be in order: objects, tables, trailers, one after the other, any number of
 * updates, "startxref", a number, "%%EOF" at the end, and nothing behind. Streams are passed over,
 * but for object streams: pages, images and fonts cannot act. */
#include "content_pdf.h"

#include "content_parts.h"

#include <string.h>

typedef enum {
    OUTSIDE,
    XREF,    /* the table */
    TRAILER, /* its dictionary */
    OBJECT,
    STREAM,
    BEHIND_STREAM /* only endobj */
} place_t;

typedef enum { NOT_YET, STARTXREF, OFFSET, COMPLETE } tail_t;

typedef struct pdf_t {
    eb_check_t check;
    eb_pdf_lex_t lex;
    eb_pdf_dict_t dict;
    eb_pdf_objstm_t *objstm;
    place_t place;
    tail_t tail;
    bool headed;      /* "%PDF-1.7" has come */
    bool in_objstm;   /* the stream is one */
    const char *late; /* why the file is refused, unless a better reason comes */
    int numbers;      /* that may become "12 0 obj" */
    int items;        /* in an object or trailer: tokens outside of containers, and containers */
    bool item_is_dict;
} pdf_t;

static void enter(pdf_t *pdf, place_t place)
{
    pdf->place = place;
    pdf->numbers = 0;
    pdf->items = 0;
    pdf->item_is_dict = false;
    eb_pdf_dict_begin(&pdf->dict);
}

/* The first line, from behind its '%'. */
static bool is_header(const eb_pdf_lex_t *lex)
{
    bool one = strncmp(lex->text, "PDF-1.", 6) == 0, two = strncmp(lex->text, "PDF-2.", 6) == 0;
    return lex->begins == 0 && (one || two) && lex->text[6] >= '0' && lex->text[6] <= '9';
}

static bool is_eof(const eb_pdf_lex_t *lex)
{
    if (lex->len > EB_PDF_TEXT_MAX || strncmp(lex->text, "%EOF", 4) != 0)
        return false;
    return strspn(lex->text + 4, " \t\f") + 4 == (size_t)lex->len;
}

static const char *take_comment(pdf_t *pdf)
{
    if (!pdf->headed) {
        pdf->headed = is_header(&pdf->lex);
        return pdf->headed ? NULL : eb_pdf_damaged;
    }
    if (pdf->tail == OFFSET && is_eof(&pdf->lex))
        pdf->tail = COMPLETE;
    else if (pdf->tail == COMPLETE)
        pdf->tail = NOT_YET;
    return NULL;
}

static const char *take_number(pdf_t *pdf)
{
    if (pdf->tail == STARTXREF) {
        pdf->tail = OFFSET;
        return NULL;
    }
    pdf->tail = NOT_YET;
    return ++pdf->numbers <= 2 ? NULL : eb_pdf_damaged;
}

static const char *take_outside(pdf_t *pdf, eb_pdf_kind_t kind)
{
    int numbers = pdf->numbers;
    if (kind != EB_PDF_WORD)
        return eb_pdf_damaged;
    if (eb_pdf_lex_number(&pdf->lex) >= 0)
        return take_number(pdf);
    pdf->tail = NOT_YET;
    if (eb_pdf_lex_is(&pdf->lex, "obj") && numbers == 2)
        enter(pdf, OBJECT);
    else if (eb_pdf_lex_is(&pdf->lex, "xref") && !numbers)
        enter(pdf, XREF);
    else if (eb_pdf_lex_is(&pdf->lex, "startxref") && !numbers)
        pdf->tail = STARTXREF;
    else
        return eb_pdf_damaged;
    return NULL;
}

static const char *take_xref(pdf_t *pdf, eb_pdf_kind_t kind)
{
    if (kind != EB_PDF_WORD)
        return eb_pdf_damaged;
    if (eb_pdf_lex_is(&pdf->lex, "trailer"))
        enter(pdf, TRAILER);
    else if (eb_pdf_lex_number(&pdf->lex) < 0 && !eb_pdf_lex_is(&pdf->lex, "n") &&
             !eb_pdf_lex_is(&pdf->lex, "f"))
        return eb_pdf_damaged;
    return NULL;
}

static const char *take_trailer(pdf_t *pdf, eb_pdf_kind_t kind)
{
    if (!pdf->dict.depth && kind != EB_PDF_OPEN_DICT)
        return eb_pdf_damaged;
    const char *why = eb_pdf_dict_token(&pdf->dict, kind, &pdf->lex);
    if (!why && !pdf->dict.depth)
        enter(pdf, OUTSIDE);
    return why;
}

/* An object stream that cannot be read is mostly one that is encrypted, which the file says later,
 * and for which there is better advice. */
static const char *put_off(pdf_t *pdf, const char *why)
{
    if (why != eb_pdf_opaque)
        return why;
    pdf->late = why;
    pdf->in_objstm = false;
    return NULL;
}

static const char *begin_stream(pdf_t *pdf)
{
    if (pdf->items != 1 || !pdf->item_is_dict)
        return eb_pdf_damaged;
    if (pdf->dict.external)
        return eb_pdf_opaque;
    pdf->place = STREAM;
    pdf->in_objstm = eb_pdf_dict_is_objstm(&pdf->dict);
    return pdf->in_objstm ? put_off(pdf, eb_pdf_objstm_begin(pdf->objstm, &pdf->dict)) : NULL;
}

static const char *take_object(pdf_t *pdf, eb_pdf_kind_t kind)
{
    if (kind == EB_PDF_WORD && eb_pdf_lex_is_structure(&pdf->lex)) {
        if (!pdf->dict.depth && eb_pdf_lex_is(&pdf->lex, "stream"))
            return begin_stream(pdf);
        if (pdf->dict.depth || !eb_pdf_lex_is(&pdf->lex, "endobj"))
            return eb_pdf_damaged;
        enter(pdf, OUTSIDE);
        return NULL;
    }
    if (!pdf->dict.depth && pdf->items < 2) {
        pdf->items++;
        pdf->item_is_dict = kind == EB_PDF_OPEN_DICT;
    }
    return eb_pdf_dict_token(&pdf->dict, kind, &pdf->lex);
}

static const char *take_token(pdf_t *pdf, eb_pdf_kind_t kind)
{
    if (kind == EB_PDF_BAD)
        return eb_pdf_damaged;
    if (kind == EB_PDF_COMMENT)
        return take_comment(pdf);
    if (!pdf->headed)
        return eb_pdf_damaged;
    switch (pdf->place) {
    case OUTSIDE: return take_outside(pdf, kind);
    case XREF: return take_xref(pdf, kind);
    case TRAILER: return take_trailer(pdf, kind);
    case OBJECT: return take_object(pdf, kind);
    case STREAM: break;
    case BEHIND_STREAM:
        if (kind != EB_PDF_WORD || !eb_pdf_lex_is(&pdf->lex, "endobj"))
            return eb_pdf_damaged;
        enter(pdf, OUTSIDE);
    }
    return NULL;
}

static const char *take_stream(pdf_t *pdf, const unsigned char **p, const unsigned char *end)
{
    const unsigned char *from = *p;
    bool hidden, ended = eb_pdf_lex_skip(&pdf->lex, p, end, &hidden);
    const char *why = NULL;
    if (pdf->in_objstm)
        why = put_off(pdf, eb_pdf_objstm_feed(pdf->objstm, from, (apr_size_t)(*p - from)));
    if (!why && hidden)
        why = eb_pdf_damaged;
    if (!ended || why)
        return why;
    pdf->place = BEHIND_STREAM;
    return pdf->in_objstm ? put_off(pdf, eb_pdf_objstm_end(pdf->objstm)) : NULL;
}

static apr_status_t pdf_feed(eb_check_t *check, const unsigned char *data, apr_size_t len,
                             apr_size_t *keep)
{
    pdf_t *pdf = (pdf_t *)check;
    const unsigned char *p = data, *end = data + len;
    const char *why = NULL;
    (void)keep;
    eb_pdf_lex_piece(&pdf->lex, data);
    while (p < end && !why) {
        if (pdf->place == STREAM) {
            why = take_stream(pdf, &p, end);
        } else {
            eb_pdf_kind_t kind = eb_pdf_lex_next(&pdf->lex, &p, end);
            why = kind == EB_PDF_NONE ? NULL : take_token(pdf, kind);
        }
    }
    eb_pdf_lex_piece_done(&pdf->lex, len);
    return why ? eb_check_refuse(check, why) : APR_SUCCESS;
}

static apr_status_t pdf_finish(eb_check_t *check)
{
    pdf_t *pdf = (pdf_t *)check;
    eb_pdf_kind_t kind = pdf->place == STREAM ? EB_PDF_BAD : eb_pdf_lex_end(&pdf->lex);
    const char *why = kind == EB_PDF_NONE ? NULL : take_token(pdf, kind);
    if (!why && (pdf->place != OUTSIDE || pdf->tail != COMPLETE))
        why = eb_pdf_damaged;
    if (!why)
        why = pdf->late;
    return why ? eb_check_refuse(check, why) : APR_SUCCESS;
}

eb_check_t *eb_check_pdf(apr_pool_t *pool)
{
    pdf_t *pdf = apr_pcalloc(pool, sizeof(*pdf));
    pdf->check.feed = pdf_feed;
    pdf->check.finish = pdf_finish;
    pdf->objstm = eb_pdf_objstm_new(pool);
    eb_pdf_dict_begin(&pdf->dict);
    return &pdf->check;
}
