/* The translation of a line of prose, with the markup in it. */
#ifndef EB_PROSE_H
#define EB_PROSE_H

#include "load.h"

/* `x` holds text and inline elements. *said: an element with the same in the language that is
 * loaded; `x` itself in German; NULL when the language lacks it. */
apr_status_t eb_prose_said(const xmlNode **said, eb_loader_t *l, const xmlNode *x);

#endif
