/* Writing to a file descriptor as a whole: short writes and interruptions are nobody else's affair.
 */
#ifndef EB_FILE_H
#define EB_FILE_H

#include <apr_errno.h>

/* All `len` bytes, or the errno of the write that failed; nothing is synced. */
apr_status_t eb_file_write(int fd, const void *data, apr_size_t len);

#endif
