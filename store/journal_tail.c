/* Reading the journal piece by piece. It only grows, until somebody rotates it or cuts it off; then
 * its first line is another one, or gone. A line without its end is still being written.
 *
 * Applications are accepted in the order of their lines, so the oldest one that waits is found by
 * going forward over those that have left; each of them is passed once. */
#include "journal_tail.h"
#include "base/date.h"

#include <apr_errno.h>
#include <apr_lib.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE      (64 * 1024)
#define PASSED_MAX 2000 /* in one look */

typedef struct line_t {
    char *time, *uuid, *step; /* NUL terminated */
} line_t;

/* What becomes of a line; false: stop before it. */
typedef bool take_t(void *baton, const line_t *line);

/* time, authority, number, uuid, step, transport, detail: by tabs, which are cut. */
static bool cut(line_t *line, char *text)
{
    char *fields[5];

    for (int i = 0; i < 5; i++) {
        fields[i] = text;
        text = strchr(text, '\t');
        if (!text)
            return false;
        *text++ = '\0';
    }
    *line = (line_t){fields[0], fields[3], fields[4]};
    return true;
}

/* Two digits or more. */
static int number_at(const char *text, int len)
{
    int n = 0;
    for (int i = 0; i < len; i++)
        n = n * 10 + (apr_isdigit(text[i]) ? text[i] - '0' : 0);
    return n;
}

/* "2026-11-25T19:30:00.123+01:00"; 0 for anything else. */
static apr_time_t time_of(const char *text)
{
    char day[11] = {0};
    eb_date_t date;

    if (strlen(text) != 29)
        return 0;
    memcpy(day, text, 10);
    if (!eb_date_parse(&date, day, false))
        return 0;
    int east = number_at(text + 24, 2) * 60 + number_at(text + 27, 2);
    apr_int64_t minutes = (apr_int64_t)eb_date_days(date) * 24 * 60 + number_at(text + 11, 2) * 60 +
                          number_at(text + 14, 2) - (text[23] == '-' ? -east : east);
    return apr_time_from_sec(minutes * 60 + number_at(text + 17, 2)) +
           apr_time_from_msec(number_at(text + 20, 3));
}

/* Lines from *offset on, as far as `take` goes. */
static apr_status_t walk(off_t *offset, int fd, take_t take, void *baton, apr_pool_t *pool)
{
    char *piece = apr_palloc(pool, PIECE);
    line_t line;

    for (;;) {
        ssize_t n = pread(fd, piece, PIECE, *offset);
        if (n < 0 && errno != EINTR)
            return errno;
        char *at = piece, *end, *stop = piece + (n < 0 ? 0 : n);
        for (; (end = memchr(at, '\n', (apr_size_t)(stop - at))); at = end + 1) {
            *end = '\0';
            if (cut(&line, at) && !take(baton, &line))
                break;
        }
        *offset += at - piece;
        if (end || (n >= 0 && at == piece))
            return APR_SUCCESS;
    }
}

static bool count(void *baton, const line_t *line)
{
    eb_journal_tail_t *tail = baton;
    apr_time_t success;

    if (strcmp(line->step, "accepted") == 0)
        tail->accepted++;
    else if (strcmp(line->step, "confirmed") == 0 || strcmp(line->step, "purged") == 0)
        if ((success = time_of(line->time)) != 0)
            tail->success = success;
    return true;
}

/* Begins anew unless this is the file that was read before. */
static void recognise(eb_journal_tail_t *tail, int fd, const struct stat *info)
{
    char head[EB_JOURNAL_HEAD];
    ssize_t n = pread(fd, head, sizeof head, 0);
    apr_size_t len = n < 0 ? 0 : (apr_size_t)n;

    if (info->st_ino != tail->file || info->st_size < tail->read || len < tail->head_len ||
        memcmp(head, tail->head, tail->head_len) != 0)
        *tail = (eb_journal_tail_t){.file = info->st_ino};
    tail->head_len = len;
    memcpy(tail->head, head, len);
}

static int open_journal(const eb_place_t *place)
{
    return openat(place->root, "journal.log", O_RDONLY | O_CLOEXEC);
}

apr_status_t eb_journal_follow(eb_journal_tail_t *tail, const eb_place_t *place, apr_pool_t *pool)
{
    struct stat info;
    int fd = open_journal(place);

    if (fd < 0 && errno == ENOENT) {
        *tail = (eb_journal_tail_t){0};
        return APR_SUCCESS;
    }
    if (fd < 0)
        return errno;
    apr_status_t rv = fstat(fd, &info) ? errno : APR_SUCCESS;
    if (!rv) {
        recognise(tail, fd, &info);
        rv = walk(&tail->read, fd, count, tail, pool);
    }
    close(fd);
    return rv;
}

typedef struct passing_t {
    const eb_place_t *place;
    int passed;
    apr_time_t found;
} passing_t;

/* When too many have left since the last look, the time up to which they were passed stands in for
 * the oldest: it is older than that one, and the next look goes on from there. */
static bool pass(void *baton, const line_t *line)
{
    passing_t *p = baton;

    if (strcmp(line->step, "accepted") != 0)
        return true;
    eb_spool_name_t package = eb_spool_name(line->uuid, ".package");
    if (p->passed++ < PASSED_MAX && faccessat(p->place->queue, package.text, F_OK, 0))
        return true;
    p->found = time_of(line->time);
    return false;
}

apr_time_t eb_journal_oldest(eb_journal_tail_t *tail, const eb_place_t *place, apr_pool_t *pool)
{
    passing_t p = {.place = place};
    int fd = open_journal(place);

    if (fd < 0)
        return 0;
    walk(&tail->waiting, fd, pass, &p, pool);
    close(fd);
    return p.found;
}
