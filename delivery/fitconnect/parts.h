/* The parts of a submission: metadata, data, attachments; what they are called, and their JWEs. The
 * same part comes out the same, byte for byte, however often it is made. */
#ifndef EB_FIT_PARTS_H
#define EB_FIT_PARTS_H

#include "fit.h"
#include "memory.h"
#include "base/ids.h"

/* The id of an attachment, from the package's secret and the attempt: as good as drawn. */
apr_status_t eb_fit_attachment_id(char uuid[EB_UUID_LEN + 1], const eb_fit_memory_t *memory,
                                  const eb_package_t *package, int index);
/* How part `index` is encrypted. */
eb_step_result_t eb_fit_part(eb_jwe_part_t *part, int index, const eb_fit_memory_t *memory,
                             const eb_fit_call_t *call);
/* Wraps a content key for each part. */
eb_step_result_t eb_fit_parts_wrap(eb_fit_memory_t *memory, const eb_jwk_t *key,
                                   const eb_fit_call_t *call);
/* A part in memory as a JWE. Its tag is kept, or must be the one that was kept: the same key never
 * meets another text. */
eb_step_result_t eb_fit_part_text(const char **jwe, int index, eb_fit_memory_t *memory,
                                  const char *plain, apr_size_t len, const eb_fit_call_t *call);
/* The tags of all parts as a SET carries them; NULL: one is not known. */
const json_t *eb_fit_tags(const eb_fit_memory_t *memory, const eb_package_t *package,
                          apr_pool_t *pool);

/* metadata.c: the metadata of the submission as its schema wants them, to be encrypted and hashed
 * as they are. `accepted` is the day of the application. */
apr_status_t eb_fit_metadata(const char **text, const eb_fit_memory_t *memory,
                             const eb_package_t *package, apr_time_t accepted,
                             eb_problem_t **problem, apr_pool_t *pool);

#endif
