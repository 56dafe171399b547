/* The pages of a Quick-Check: one for each topic, and the result. Nothing is kept anywhere: a page
 * carries the answers of the others in hidden fields, and all of them lie at one address, so that
 * not even a path says what somebody has answered.
 *
 *   /         what this is         /fragen   GET: the first questions; POST: what comes next
 */
#ifndef EB_QUICKCHECK_H
#define EB_QUICKCHECK_H

#include "page.h"

#define EB_QUICKCHECK_PATH "fragen"
#define EB_FIELD_STEP      "_seite" /* id of the step that was filled in */
#define EB_BUTTON_TO       "_zu"    /* value: id of the step to show, without checking this one */

void eb_page_quickcheck_start(eb_buf_t *out, const eb_view_t *v);
void eb_page_quickcheck_step(eb_buf_t *out, const eb_view_t *v, const eb_page_t *page);
void eb_page_quickcheck_result(eb_buf_t *out, const eb_view_t *v); /* all is answered */

#endif
