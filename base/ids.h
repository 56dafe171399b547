/* The two names of a submission: a UUID for machines, and a Vorgangsnummer that can be read aloud.
 */
#ifndef EB_IDS_H
#define EB_IDS_H

#include <apr_pools.h>
#include <stdbool.h>

#define EB_UUID_LEN   36 /* "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx", lower case */
#define EB_NUMBER_LEN 19 /* "EB-2026-7K4M-92QX-3" */

/* Random version 4 UUID after RFC 4122; APR_EGENERAL when the random source fails. */
apr_status_t eb_uuid_new(char uuid[EB_UUID_LEN + 1]);
bool eb_uuid_valid(const char *uuid);

/* "EB-JJJJ-XXXX-XXXX-P": eight random signs from an alphabet without 0 O 1 I L U V and the like,
 * and a check sign that finds every single wrong sign and every swap of neighbours (ISO/IEC 7064
 * style, prime modulus). */
apr_status_t eb_number_new(char number[EB_NUMBER_LEN + 1], int year);
bool eb_number_valid(const char *number); /* lower case is accepted, as people type it */

#endif
