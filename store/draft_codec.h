/* A draft as bytes: what is sealed (the facts and the answers) and what stands around it. Split
 * from draft.c so that it can be tested, and fuzzed, without Redis. */
#ifndef EB_DRAFT_CODEC_H
#define EB_DRAFT_CODEC_H

#include "draft.h"

/* Sets draft->name from draft->secret. APR_EINVAL when the secret is not one. */
apr_status_t eb_draft_name(eb_draft_t *draft, const eb_drafts_t *drafts);
/* The Redis key of a file that lives with the draft: "eb:{…}:f:<id>". */
const char *eb_draft_file_name(const eb_draft_t *draft, const char *id, apr_pool_t *pool);
/* Wraps draft->dek under the current key of the key file, unless it is already. */
apr_status_t eb_draft_wrap(eb_draft_t *draft, const eb_drafts_t *drafts, apr_pool_t *pool);

/* The record of `draft` as version `version`, sealed. APR_ENOSPC: larger than EB_DRAFT_MAX. */
apr_status_t eb_draft_encode(const unsigned char **record, apr_size_t *len, const eb_draft_t *draft,
                             apr_uint64_t version, const eb_drafts_t *drafts, apr_pool_t *pool);
/* Fills `draft`, which has secret, name and version, from its record. APR_NOTFOUND: the key file
 * lacks the key; APR_EINVAL: not a record of this version of the format; APR_EGENERAL: changed.
 * draft->answers points into memory from `pool`. */
apr_status_t eb_draft_decode(eb_draft_t *draft, const void *record, apr_size_t len,
                             const eb_drafts_t *drafts, apr_pool_t *pool);

#endif
