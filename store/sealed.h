/* A package as sealed pieces (base/chunk.h), wherever an engine keeps them: cut on the way in,
 * opened on the way out, so that neither way holds more than one piece in clear. */
#ifndef EB_SEALED_H
#define EB_SEALED_H

#include "outbox.h"
#include "base/chunk.h"

/* The key of one package, and what its pieces are bound to. Both come from `head`, which the engine
 * keeps in clear: a changed head opens nothing, and the limit of what may be sealed under one key
 * is a package's own. Wiped when `pool` goes. APR_NOTFOUND: the key file lacks that key. */
apr_status_t eb_sealed_key(const eb_chunks_t **key, const eb_keyring_t *ring, apr_uint32_t key_id,
                           const void *head, apr_size_t head_len, apr_pool_t *pool);

/* What an engine does with a piece; a failure comes with its problem. */
typedef apr_status_t (*eb_piece_keep_t)(void *where, apr_uint32_t index, const void *piece,
                                        apr_size_t len, eb_problem_t **problem, apr_pool_t *pool);
typedef apr_status_t (*eb_piece_fetch_t)(void *where, apr_uint32_t index, void *piece,
                                         apr_size_t len, eb_problem_t **problem, apr_pool_t *pool);

/* All of `source`, each piece to keep() as soon as it is full. */
apr_status_t eb_sealed_pour(eb_source_t *source, const eb_chunks_t *key, eb_piece_keep_t keep,
                            void *where, eb_problem_t **problem, apr_pool_t *pool);
/* `sealed_len`: of all pieces together. The last piece is opened at once: it proves their number,
 * and with it the length. `uuid` is for problems. */
apr_status_t eb_sealed_open(eb_reader_t **reader, const char *uuid, const eb_chunks_t *key,
                            apr_uint64_t sealed_len, eb_piece_fetch_t fetch, void *where,
                            eb_problem_t **problem, apr_pool_t *pool);

#endif
