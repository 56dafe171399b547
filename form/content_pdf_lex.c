/* The tokens of PDF (ISO 32000-2, 7.2 and 7.3), of which any may be cut by the end of a piece. Long
 * texts are passed over, their first bytes are kept.
 *
 * A reader of PDF jumps to the places that tables of the file name, so whatever looks like an
 * object can be made one, also within a string, a comment or a stream. Therefore each "obj" there
 * is looked back from: "endobj" and "12 0 obj" belong nowhere but between objects. Streams are long
 * and random: there, only the bytes 'j' and 'm' are looked for, which memchr does at memory speed.
 */
#include "content_pdf.h"

#include <string.h>

enum { GAP, COMMENT, NAME, WORD, STRING, LESS, HEX, GREATER };

typedef const unsigned char bytes_t;

enum { REGULAR, SPACE, DELIMITER };

static const unsigned char classes[256] = {
    ['\0'] = SPACE,    ['\t'] = SPACE,    ['\n'] = SPACE,    ['\f'] = SPACE,
    ['\r'] = SPACE,    [' '] = SPACE,     ['('] = DELIMITER, [')'] = DELIMITER,
    ['<'] = DELIMITER, ['>'] = DELIMITER, ['['] = DELIMITER, [']'] = DELIMITER,
    ['{'] = DELIMITER, ['}'] = DELIMITER, ['/'] = DELIMITER, ['%'] = DELIMITER,
};

static bool is_space(unsigned char c)
{
    return classes[c] == SPACE;
}

static bool is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

static int hex_digit(unsigned char c)
{
    if (is_digit(c))
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void eb_pdf_lex_piece(eb_pdf_lex_t *lex, bytes_t *data)
{
    lex->piece = data;
}

void eb_pdf_lex_piece_done(eb_pdf_lex_t *lex, apr_size_t len)
{
    apr_size_t n = len < EB_PDF_BEHIND ? len : EB_PDF_BEHIND;
    memmove(lex->behind, lex->behind + n, EB_PDF_BEHIND - n);
    memcpy(lex->behind + EB_PDF_BEHIND - n, lex->piece + len - n, n);
    lex->piece_at += len;
}

/* The bytes that end with *last, as many as are remembered of all pieces. */
static void look_back(const eb_pdf_lex_t *lex, bytes_t *last, unsigned char *window)
{
    apr_size_t n = (apr_size_t)(last - lex->piece) + 1;
    if (n > EB_PDF_BEHIND)
        n = EB_PDF_BEHIND;
    memcpy(window, lex->behind + n, EB_PDF_BEHIND - n);
    memcpy(window + EB_PDF_BEHIND - n, last + 1 - n, n);
}

#define OBJ_AT (EB_PDF_BEHIND - 3) /* in the window */

/* Readers take comments for space. Beyond OBJ_AT when that is in a comment. */
static int skip_gap(const unsigned char *window, int i)
{
    bool comment = false;
    for (; i < OBJ_AT; i++) {
        comment = window[i] == '%' || (comment && window[i] != '\r' && window[i] != '\n');
        if (!comment && !is_space(window[i]))
            return i;
    }
    return comment ? OBJ_AT + 1 : OBJ_AT;
}

static int skip_digits(const unsigned char *window, int i)
{
    while (i < OBJ_AT && is_digit(window[i]))
        i++;
    return i;
}

/* Would a reader that begins at the digit at i come to "obj" after two numbers? */
static bool leads_to_object(const unsigned char *window, int i)
{
    int first = skip_digits(window, i), second = skip_gap(window, first);
    if (second == first || second >= OBJ_AT || !is_digit(window[second]))
        return false;
    return skip_gap(window, skip_digits(window, second)) == OBJ_AT;
}

/* From anywhere; what leads here from farther away than the window is as bad. */
static bool has_numbers(const unsigned char *window)
{
    bool found = skip_gap(window, 0) == OBJ_AT;
    for (int i = 0; i < OBJ_AT && !found; i++) {
        if (is_digit(window[i])) {
            found = leads_to_object(window, i);
            i = skip_digits(window, i);
        }
    }
    return found;
}

/* Does an object begin or end with the 'j' at `last`? */
static bool is_object(const eb_pdf_lex_t *lex, bytes_t *last)
{
    unsigned char window[EB_PDF_BEHIND];
    if (last >= lex->piece + 2 && (last[-1] != 'b' || last[-2] != 'o'))
        return false;
    look_back(lex, last, window);
    if (memcmp(window + OBJ_AT, "obj", 3) != 0)
        return false;
    return memcmp(window + OBJ_AT - 3, "end", 3) == 0 || has_numbers(window);
}

static bool is_endstream(const eb_pdf_lex_t *lex, bytes_t *last)
{
    unsigned char window[EB_PDF_BEHIND];
    if (last > lex->piece && last[-1] != 'a')
        return false;
    look_back(lex, last, window);
    return memcmp(window + EB_PDF_BEHIND - 9, "endstream", 9) == 0;
}

bool eb_pdf_lex_skip(eb_pdf_lex_t *lex, bytes_t **p, bytes_t *end, bool *hidden)
{
    bytes_t *from = *p, *stop = from;
    bool found = false;
    while (!found && (stop = memchr(stop, 'm', (apr_size_t)(end - stop))))
        found = is_endstream(lex, stop++);
    *p = found ? stop : end;
    *hidden = false;
    while (!*hidden && (from = memchr(from, 'j', (apr_size_t)(*p - from))))
        *hidden = is_object(lex, from++);
    if (*hidden)
        *p = from;
    return found && !*hidden;
}

static void put(eb_pdf_lex_t *lex, unsigned char c)
{
    if (lex->len <= EB_PDF_TEXT_MAX)
        lex->text[lex->len++] = (char)c; /* one too many is overwritten by the NUL */
}

static void begin(eb_pdf_lex_t *lex, int state, apr_uint64_t at)
{
    lex->state = state;
    lex->begins = at;
    lex->len = 0;
    lex->hex = 0;
    lex->parens = 1;
    lex->escaped = false;
}

static eb_pdf_kind_t in_gap(eb_pdf_lex_t *lex, bytes_t **p, bytes_t *end)
{
    while (*p < end && is_space(**p))
        (*p)++;
    if (*p == end)
        return EB_PDF_NONE;
    unsigned char c = *(*p)++;
    begin(lex, GAP, lex->piece_at + (apr_uint64_t)(*p - 1 - lex->piece));
    switch (c) {
    case '%': lex->state = COMMENT; return EB_PDF_NONE;
    case '/': lex->state = NAME; return EB_PDF_NONE;
    case '(': lex->state = STRING; return EB_PDF_NONE;
    case '<': lex->state = LESS; return EB_PDF_NONE;
    case '>': lex->state = GREATER; return EB_PDF_NONE;
    case '[': return EB_PDF_OPEN_ARRAY;
    case ']': return EB_PDF_CLOSE_ARRAY;
    case ')':
    case '{':
    case '}': return EB_PDF_BAD;
    }
    (*p)--;
    lex->state = WORD;
    return EB_PDF_NONE;
}

static eb_pdf_kind_t in_comment(eb_pdf_lex_t *lex, bytes_t **p, bytes_t *end)
{
    for (; *p < end; (*p)++) {
        if (**p == '\r' || **p == '\n')
            return EB_PDF_COMMENT;
        if (**p == 'j' && is_object(lex, *p))
            return EB_PDF_BAD;
        put(lex, **p);
    }
    return EB_PDF_NONE;
}

/* What a '#' has begun but digits did not complete stands for itself. */
static void put_hex_as_is(eb_pdf_lex_t *lex)
{
    if (lex->hex)
        put(lex, '#');
    if (lex->hex == 2)
        put(lex, (unsigned char)"0123456789abcdef"[lex->high]);
    lex->hex = 0;
}

static void put_name(eb_pdf_lex_t *lex, unsigned char c)
{
    int digit = lex->hex ? hex_digit(c) : -1;
    if (digit >= 0 && lex->hex == 1) {
        lex->high = digit;
        lex->hex = 2;
        return;
    }
    if (digit >= 0) {
        lex->hex = 0;
        put(lex, (unsigned char)(lex->high << 4 | digit));
        return;
    }
    put_hex_as_is(lex);
    if (c == '#')
        lex->hex = 1;
    else
        put(lex, c);
}

static eb_pdf_kind_t in_name(eb_pdf_lex_t *lex, bytes_t **p, bytes_t *end)
{
    bytes_t *s = *p;
    for (; s < end && classes[*s] == REGULAR; s++) {
        if (lex->hex || *s == '#')
            put_name(lex, *s);
        else
            put(lex, *s);
    }
    *p = s;
    if (s == end)
        return EB_PDF_NONE;
    put_hex_as_is(lex);
    return EB_PDF_NAME;
}

static eb_pdf_kind_t in_word(eb_pdf_lex_t *lex, bytes_t **p, bytes_t *end)
{
    bytes_t *s = *p;
    for (; s < end && classes[*s] == REGULAR; s++)
        put(lex, *s);
    *p = s;
    return s == end ? EB_PDF_NONE : EB_PDF_WORD;
}

static eb_pdf_kind_t in_string(eb_pdf_lex_t *lex, bytes_t **p, bytes_t *end)
{
    bool ended = false, hidden = false;
    bytes_t *s = *p;
    while (s < end && !ended && !hidden) {
        unsigned char c = *s++;
        hidden = c == 'j' && is_object(lex, s - 1);
        if (lex->escaped || c == '\\')
            lex->escaped = !lex->escaped;
        else if (c == '(')
            lex->parens++;
        else if (c == ')')
            ended = --lex->parens == 0;
    }
    *p = s;
    return hidden ? EB_PDF_BAD : ended ? EB_PDF_STRING : EB_PDF_NONE;
}

static eb_pdf_kind_t in_less(eb_pdf_lex_t *lex, bytes_t **p)
{
    if (**p == '<') {
        (*p)++;
        return EB_PDF_OPEN_DICT;
    }
    lex->state = HEX;
    return EB_PDF_NONE;
}

static eb_pdf_kind_t in_hex(bytes_t **p, bytes_t *end)
{
    while (*p < end && (hex_digit(**p) >= 0 || is_space(**p)))
        (*p)++;
    if (*p == end)
        return EB_PDF_NONE;
    return *(*p)++ == '>' ? EB_PDF_STRING : EB_PDF_BAD;
}

static eb_pdf_kind_t go_on(eb_pdf_lex_t *lex, bytes_t **p, bytes_t *end)
{
    switch (lex->state) {
    case GAP: return in_gap(lex, p, end);
    case COMMENT: return in_comment(lex, p, end);
    case NAME: return in_name(lex, p, end);
    case WORD: return in_word(lex, p, end);
    case STRING: return in_string(lex, p, end);
    case LESS: return in_less(lex, p);
    case HEX: return in_hex(p, end);
    }
    return *(*p)++ == '>' ? EB_PDF_CLOSE_DICT : EB_PDF_BAD;
}

static void complete(eb_pdf_lex_t *lex)
{
    lex->text[lex->len <= EB_PDF_TEXT_MAX ? lex->len : EB_PDF_TEXT_MAX] = '\0';
    lex->state = GAP;
}

eb_pdf_kind_t eb_pdf_lex_next(eb_pdf_lex_t *lex, bytes_t **p, bytes_t *end)
{
    eb_pdf_kind_t kind = EB_PDF_NONE;
    while (*p < end && kind == EB_PDF_NONE)
        kind = go_on(lex, p, end);
    lex->ends = lex->piece_at + (apr_uint64_t)(*p - lex->piece);
    if (kind != EB_PDF_NONE)
        complete(lex);
    return kind;
}

eb_pdf_kind_t eb_pdf_lex_end(eb_pdf_lex_t *lex)
{
    static const eb_pdf_kind_t kinds[] = {
        [GAP] = EB_PDF_NONE,  [COMMENT] = EB_PDF_COMMENT, [NAME] = EB_PDF_NAME,
        [WORD] = EB_PDF_WORD, [STRING] = EB_PDF_BAD,      [LESS] = EB_PDF_BAD,
        [HEX] = EB_PDF_BAD,   [GREATER] = EB_PDF_BAD};
    eb_pdf_kind_t kind = kinds[lex->state];
    if (kind == EB_PDF_NAME)
        put_hex_as_is(lex);
    complete(lex);
    return kind;
}

bool eb_pdf_lex_is(const eb_pdf_lex_t *lex, const char *word)
{
    return lex->text[0] == word[0] && strcmp(lex->text, word) == 0;
}

/* Numbers, the bulk of all words, are known by their first byte. */
bool eb_pdf_lex_is_structure(const eb_pdf_lex_t *lex)
{
    static const char *const words[] = {"stream", "endstream", "xref", "trailer", "startxref"};
    int n = lex->len <= EB_PDF_TEXT_MAX ? lex->len : EB_PDF_TEXT_MAX;
    if (n >= 3 && lex->text[n - 1] == 'j' && memcmp(lex->text + n - 3, "obj", 3) == 0)
        return true;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (eb_pdf_lex_is(lex, words[i]))
            return true;
    }
    return false;
}

apr_int64_t eb_pdf_lex_number(const eb_pdf_lex_t *lex)
{
    apr_int64_t n = 0;
    if (lex->len < 1 || lex->len > 10)
        return -1;
    for (int i = 0; i < lex->len; i++) {
        if (!is_digit((unsigned char)lex->text[i]))
            return -1;
        n = n * 10 + (lex->text[i] - '0');
    }
    return n;
}
