/* The facts behind din91379.c: which characters belong to which datatype, and the sequences of a
 * base letter and what must follow it, which count as one character in all of them. A character
 * that only stands second or third in a sequence (a combining mark) is in no range. */
#ifndef EB_DIN91379_TABLE_H
#define EB_DIN91379_TABLE_H

#include "din91379.h"

typedef struct eb_din_range_t {
    apr_uint32_t first, last;
    unsigned types; /* of eb_din_t */
} eb_din_range_t;

typedef struct eb_din_sequence_t {
    apr_uint32_t points[3]; /* the last is 0 in a sequence of two */
} eb_din_sequence_t;

extern const eb_din_range_t eb_din_ranges[]; /* ascending */
extern const int eb_din_ranges_count;
extern const eb_din_sequence_t
    eb_din_sequences[]; /* ascending by the first, then the longer ones first */
extern const int eb_din_sequences_count;

#endif
