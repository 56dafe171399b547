/* Lists of choices, laid out when httpd starts: the bytes of all options with a spot in each where
 * "selected" or "checked" goes. A request copies what is before the spot, the word, and the rest:
 * 211 nationalities cost two memcpy. */
#ifndef EB_CHOICES_H
#define EB_CHOICES_H

#include "form/form.h"
#include "base/buf.h"
#include "texts.h"

typedef struct eb_choices_t eb_choices_t;

/* The options of a select from its code list (the same for every control that uses it) or items. */
eb_choices_t *eb_choices_codes(const eb_codelist_t *list, const eb_texts_t *texts,
                               apr_pool_t *pool);
eb_choices_t *eb_choices_items(const eb_control_t *control, const eb_texts_t *texts,
                               apr_pool_t *pool);
/* Radio buttons or checkboxes named after the control's node; `bad` draws them as faulty. */
eb_choices_t *eb_choices_boxes(const eb_control_t *control, bool bad, apr_pool_t *pool);

/* One of them is chosen. A code that is no longer offered is drawn once more, with `label`. */
void eb_choices_write(eb_buf_t *out, const eb_choices_t *choices, const char *value,
                      const char *label);
/* Any of them: `values` are separated by spaces. */
void eb_choices_write_all(eb_buf_t *out, const eb_choices_t *choices, const char *values);
bool eb_choices_contain(const char *values, const char *value); /* one of a space-separated list */

#endif
