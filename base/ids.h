/* The two names of a submission: a UUID for machines, and a Vorgangsnummer that can be read aloud.
 */
#ifndef EB_IDS_H
#define EB_IDS_H

#include <apr_pools.h>
#include <stdbool.h>

#define EB_UUID_LEN   36 /* "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx", lower case */
#define EB_NUMBER_LEN 19 /* "EB-2026-7K4M-92QX-4" */

/* Random version 4 UUID after RFC 4122; APR_EGENERAL when the random source fails. */
apr_status_t eb_uuid_new(char uuid[EB_UUID_LEN + 1]);
/* The same from 16 bytes that are as good as random: a hash. */
void eb_uuid_from(char uuid[EB_UUID_LEN + 1], const unsigned char bytes[16]);
bool eb_uuid_valid(const char *uuid);

/* "EB-JJJJ-XXXX-XXXX-P": eight random signs out of 23 (23456789CDFHJKMNPQRTWXY: neither look-alikes
 * nor vowels) and a check sign over year and signs that finds every single wrong sign and every
 * swap of two (weighted sum, prime modulus). About 1 in 12,000 that two of 3,600 in one year are
 * alike: the UUID is what must be unique. APR_EINVAL for a year beyond 0..9999. */
apr_status_t eb_number_new(char number[EB_NUMBER_LEN + 1], int year);
bool eb_number_valid(const char *number); /* lower case is accepted, as people type it */

/* What people type, in either case, with anything between the signs: *number is how we write it.
 * False: it is no number. */
bool eb_number_read(char number[EB_NUMBER_LEN + 1], const char *typed);

#endif
