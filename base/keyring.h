/* The inside of a key ring, for keyring.c and seal.c only. */
#ifndef EB_KEYRING_H
#define EB_KEYRING_H

#include "seal.h"

#include <openssl/evp.h>

enum { EB_KEY_NAME_MAX = 64 };

typedef struct eb_file_key_t {
    char name[EB_KEY_NAME_MAX + 1]; /* for people */
    apr_uint32_t id;                /* the first four bytes of SHA-256 of the key */
    unsigned char bytes[EB_KEY_LEN];
} eb_file_key_t;

enum { EB_KEYS_MAX = 64 };

struct eb_keyring_t {
    EVP_CIPHER *cipher; /* AES-256-GCM */
    EVP_MD *sha256;
    EVP_MAC_CTX *hmac; /* HMAC-SHA-256 under 32 zero bytes, to be copied, never used itself */
    int count;
    eb_file_key_t keys[EB_KEYS_MAX]; /* the first one seals */
};

const eb_file_key_t *eb_keyring_find(const eb_keyring_t *ring, apr_uint32_t key_id);

#endif
