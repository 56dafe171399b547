/* Following a journal: what was counted once is not read again. */
#ifndef EB_JOURNAL_TAIL_H
#define EB_JOURNAL_TAIL_H

#include "spool.h"

#define EB_JOURNAL_HEAD 96 /* a first line is longer, and no two are alike */

/* Zeroed at first. */
typedef struct eb_journal_tail_t {
    apr_uint64_t accepted; /* since the journal begins */
    apr_time_t success;    /* the last confirmation; 0 = none */
    off_t read;            /* counted up to here */
    off_t waiting;         /* no job that is noted before this is still in the queue */
    ino_t file;
    apr_size_t head_len;
    char head[EB_JOURNAL_HEAD];
} eb_journal_tail_t;

/* Counts what is new, from the beginning when the journal is another one now. Without a journal all
 * is 0. */
apr_status_t eb_journal_follow(eb_journal_tail_t *tail, const eb_place_t *place, apr_pool_t *pool);
/* When the first job was accepted that the journal knows and the queue still has; 0 = there is
 * none. */
apr_time_t eb_journal_oldest(eb_journal_tail_t *tail, const eb_place_t *place, apr_pool_t *pool);

#endif
