/* Codes that people write down, read out on the telephone and type again. They come in groups of
 * six signs out of 23 (23456789CDFHJKMNPQRTWXY: neither look-alikes nor vowels), the last of which
 * checks the other five; so a wrong sign is not merely found, one can say in which group. A group
 * holds 22.6 bits. */
#ifndef EB_CODE_H
#define EB_CODE_H

#include <apr_errno.h>
#include <stdbool.h>

#define EB_CODE_GROUP         6
#define EB_CODE_LEN(groups)   ((groups)*EB_CODE_GROUP)
#define EB_CODE_SHOWN(groups) ((groups) * (EB_CODE_GROUP + 1) - 1) /* "K7M4QX-9D2PRT" */
#define EB_CODE_HASHED_MAX    3 /* groups that a hash is enough for */

/* A random code of so many groups, without hyphens. APR_EGENERAL when the random source fails. */
apr_status_t eb_code_new(char *code, int groups);
/* The same from a hash, always alike; at most EB_CODE_HASHED_MAX groups. */
void eb_code_hashed(char *code, int groups, const unsigned char hash[32]);
bool eb_code_valid(const char *code, int groups); /* as it was made: capitals, no hyphens */
void eb_code_show(char *shown, const char *code, int groups);

/* What people type: in either case, with anything between the signs; 8, 6, 5 and 2 may also be
 * written B, G, S and Z, which they look like and which are no signs themselves. APR_EINVAL: *signs
 * is how many there were, and, where that is the right number, *wrong the first wrong group,
 * counting from 1. */
apr_status_t eb_code_read(char *code, int groups, const char *typed, int *signs, int *wrong);

/* --- the signs themselves, for ids.c as well --- */
#define EB_SIGNS 23
int eb_sign_value(char c); /* 0 to 22; -1: no sign */
char eb_sign(int value);
apr_status_t eb_signs_random(char *out, int count);

#endif
