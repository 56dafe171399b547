/* End-to-end encryption: a ContentContainer for the eyes of the reader alone. W3C XML Encryption,
 * AES-256-GCM under a key drawn for each sending, which RSA-OAEP wraps for the certificate. The
 * cipher text streams into a part of the body, so memory does not depend on its length. */
#ifndef EB_XMLENC_H
#define EB_XMLENC_H

#include "certificate.h"
#include "chain.h"
#include "writer.h"

#include <stdbool.h>

typedef struct eb_xmlenc_t {
    eb_source_t source; /* IV, cipher text and tag: what CipherValue stands for */
    apr_uint64_t len;
    eb_source_t *plain;
    unsigned char key[32], iv[12];
    const eb_certificate_t *certificate;
    bool sha1;
    const char *wrapped; /* the key, in base64 */
} eb_xmlenc_t;

/* Whether contents can be encrypted for it: RSA, 2048 bits and more. EB_P_XTA_CERTIFICATE. */
apr_status_t eb_xmlenc_fit(const eb_certificate_t *certificate, eb_problem_t **problem,
                           apr_pool_t *pool);
/* Draws the key; it is wiped with the pool. Each pouring of the source gives the same bytes.
 * `sha1`: the digest of RSA-OAEP, else SHA-256. */
apr_status_t eb_xmlenc_init(eb_xmlenc_t *e, const eb_certificate_t *certificate, bool sha1,
                            eb_source_t *plain, apr_uint64_t len, eb_problem_t **problem,
                            apr_pool_t *pool);
/* xenc:EncryptedData, its cipher text referred to. */
void eb_xmlenc_write(eb_writer_t *w, const eb_xmlenc_t *e, const char *id, apr_pool_t *pool);

#endif
