/* write(2) until everything is written. */
#include "file.h"

#include <errno.h>
#include <unistd.h>

apr_status_t eb_file_write(int fd, const void *data, apr_size_t len)
{
    const char *at = data;

    while (len) {
        ssize_t n = write(fd, at, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno;
        at += n;
        len -= (apr_size_t)n;
    }
    return APR_SUCCESS;
}
