/* The rooms of the PDF checker: tokens (content_pdf_lex.c), what dictionaries say and whether they
 * may (content_pdf_dict.c), object streams (content_pdf_objstm.c), the order of the file
 * (content_pdf.c). */
#ifndef EB_CONTENT_PDF_H
#define EB_CONTENT_PDF_H

#include "base/words.h"
#include <apr_pools.h>
#include <stdbool.h>

#define EB_PDF_TEXT_MAX  31  /* bytes of a token that are looked at */
#define EB_PDF_BEHIND    256 /* bytes looked back at from "obj" */
#define EB_PDF_DEPTH_MAX 100

extern const char eb_pdf_damaged[]; /* sentences for applicants */
extern const char eb_pdf_opaque[];

typedef enum {
    EB_PDF_NONE, /* the piece has ended before the token */
    EB_PDF_BAD,
    EB_PDF_COMMENT,
    EB_PDF_NAME, /* text is decoded, without the slash */
    EB_PDF_WORD, /* numbers and keywords */
    EB_PDF_STRING,
    EB_PDF_OPEN_DICT,
    EB_PDF_CLOSE_DICT,
    EB_PDF_OPEN_ARRAY,
    EB_PDF_CLOSE_ARRAY
} eb_pdf_kind_t;

typedef struct eb_pdf_lex_t {
    int state;
    char text[EB_PDF_TEXT_MAX + 1];
    int len;             /* EB_PDF_TEXT_MAX + 1: longer, its first bytes are kept */
    apr_uint64_t begins; /* position of the token */
    apr_uint64_t ends;   /* position behind it */
    apr_uint64_t parens; /* open ones in a string */
    bool escaped;        /* the next byte of a string is */
    int hex, high;       /* digits since the '#' of a name, counting the '#' itself; their value */
    const unsigned char *piece;
    apr_uint64_t piece_at;
    unsigned char behind[EB_PDF_BEHIND]; /* before the piece */
} eb_pdf_lex_t;

/* Every piece is announced before tokens are taken from it, and dismissed after. */
void eb_pdf_lex_piece(eb_pdf_lex_t *lex, const unsigned char *data);
void eb_pdf_lex_piece_done(eb_pdf_lex_t *lex, apr_size_t len);
/* Moves *p behind the token, or to the end. */
eb_pdf_kind_t eb_pdf_lex_next(eb_pdf_lex_t *lex, const unsigned char **p, const unsigned char *end);
/* The token that the end of all input ends. */
eb_pdf_kind_t eb_pdf_lex_end(eb_pdf_lex_t *lex);
bool eb_pdf_lex_is(const eb_pdf_lex_t *lex, const char *word);
/* A keyword of the file rather than of an object, or a word that ends like "obj". */
bool eb_pdf_lex_is_structure(const eb_pdf_lex_t *lex);
/* -1: the word is not a number of 1 to 10 digits. */
apr_int64_t eb_pdf_lex_number(const eb_pdf_lex_t *lex);
/* Moves *p behind "endstream": true; or behind an object that begins or ends before, *hidden; or to
 * the end. */
bool eb_pdf_lex_skip(eb_pdf_lex_t *lex, const unsigned char **p, const unsigned char *end,
                     bool *hidden);

typedef enum { EB_PDF_PLAIN, EB_PDF_FLATE, EB_PDF_OTHER } eb_pdf_filter_t;

/* Nesting, and what the outermost dictionary says of a stream. */
typedef struct eb_pdf_dict_t {
    int depth;
    bool is_array[EB_PDF_DEPTH_MAX];
    bool has_value; /* the outermost dictionary's key waits no more */
    int key;        /* whose value is coming or has come */
    unsigned seen;  /* bit per key */
    bool twice;
    bool objstm, external, parms;
    apr_int64_t first, count;
    int filters;
    eb_pdf_filter_t filter;
} eb_pdf_dict_t;

void eb_pdf_dict_begin(eb_pdf_dict_t *dict); /* a new object */
/* NULL, or why the file is refused. */
const char *eb_pdf_dict_token(eb_pdf_dict_t *dict, eb_pdf_kind_t kind, const eb_pdf_lex_t *lex);
bool eb_pdf_dict_is_objstm(const eb_pdf_dict_t *dict);

typedef struct eb_pdf_objstm_t eb_pdf_objstm_t;

eb_pdf_objstm_t *eb_pdf_objstm_new(apr_pool_t *pool); /* for one file */
/* All return NULL, or why the file is refused. Fed is what stands between the keyword stream and
 * the keyword endstream, the latter included. */
const char *eb_pdf_objstm_begin(eb_pdf_objstm_t *objstm, const eb_pdf_dict_t *dict);
const char *eb_pdf_objstm_feed(eb_pdf_objstm_t *objstm, const unsigned char *data, apr_size_t len);
const char *eb_pdf_objstm_end(eb_pdf_objstm_t *objstm);

#endif
