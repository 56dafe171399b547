/* Uploaded files: sealed in pieces (base/chunk.h) while they stream in, one Redis hash per file,
 * `eb:{draft}:f:<id>`, with a field per piece. Their key comes from the draft's own, so they are
 * read by whoever can read the draft, and by nobody else; the file's id is bound into each piece.
 * Redis sees ids and lengths.
 *
 * A file that is not yet named in the draft lives for an hour, so that a cut connection leaves
 * nothing; eb_uploads_keep() gives it the draft's time, before the draft is saved that names it. */
#ifndef EB_UPLOAD_H
#define EB_UPLOAD_H

#include "draft.h"
#include "base/chunk.h"
#include "base/flow.h"

#define EB_UPLOAD_ID_LEN 22 /* base64url of 16 random bytes */

/* A file on its way in; a sink. Holds two pieces' worth of memory, and no connection between
 * pieces. A failure is final. APR_ENOSPC with EB_P_UPLOAD_ROOM: Redis is full. APR_NOTFOUND with
 * EB_P_UPLOAD_GONE: what was stored has vanished (the draft was deleted, or more than an hour
 * passed between two pieces). */
typedef struct eb_upload_t {
    eb_sink_t sink;
    char id[EB_UPLOAD_ID_LEN + 1];
    apr_uint64_t size; /* so far */
    struct eb_upload_private_t *more;
} eb_upload_t;

/* Draws the id; nothing is written yet. If `pool` goes before eb_upload_finish(), the pieces that
 * were stored are removed again, as far as Redis lets us. */
apr_status_t eb_upload_begin(eb_upload_t **upload, const eb_drafts_t *drafts,
                             const eb_draft_t *draft, eb_problem_t **problem, apr_pool_t *pool);
/* All pieces are stored on return, not yet for longer than an hour. */
apr_status_t eb_upload_finish(eb_upload_t *upload, eb_problem_t **problem);

/* A stored file as a source of exactly `size` bytes. Pouring fails with APR_NOTFOUND (a piece is
 * gone: EB_P_UPLOAD_GONE) or APR_EGENERAL (changed: EB_P_UPLOAD_RECORD) without having given a byte
 * that is not true. `draft` and `id` are borrowed. */
eb_source_t *eb_upload_source(const eb_drafts_t *drafts, const eb_draft_t *draft, const char *id,
                              apr_uint64_t size, apr_pool_t *pool);

/* Lets files live as long as the draft (`draft->expires`). One round trip. APR_NOTFOUND: one of
 * them is gone (EB_P_UPLOAD_GONE). */
apr_status_t eb_uploads_keep(const eb_drafts_t *drafts, const eb_draft_t *draft,
                             const char *const *ids, int count, eb_problem_t **problem,
                             apr_pool_t *pool);
apr_status_t eb_uploads_delete(const eb_drafts_t *drafts, const eb_draft_t *draft,
                               const char *const *ids, int count, eb_problem_t **problem,
                               apr_pool_t *pool);

#endif
