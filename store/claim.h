/* What an applicant asks with how far an application has got: its number, and a code of their own.
 * Both together are the name of the submission, its UUID, so that nothing has to be stored for it,
 * about nobody: the outbox either has a job of that name or it has none, in whatever engine, and as
 * long as it keeps the record. A wrong code and a number that was never given out are the same
 * thing.
 *
 * The code (68 bits) comes from the draft's secret, and does not lead back to it. It opens no
 * answers. Whoever could try all codes, having seen number and UUID, is in the authority or runs
 * the server, and learns nothing from it; so no key of the key file takes part, and none that is
 * thrown away makes people's codes void. */
#ifndef EB_CLAIM_H
#define EB_CLAIM_H

#include "draft.h"

#define EB_CLAIM_CODE 3 /* groups */
#define EB_CLAIM_LEN  EB_CODE_LEN(EB_CLAIM_CODE)

apr_status_t eb_claim_code(char code[EB_CLAIM_LEN + 1], const eb_draft_t *draft,
                           const eb_drafts_t *drafts);
/* `number` and `code` as they were made. */
apr_status_t eb_claim_uuid(char uuid[EB_UUID_LEN + 1], const eb_keyring_t *ring, const char *number,
                           const char *code);

#endif
