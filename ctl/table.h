/* Rows of JSON objects, as a table for people. The JSON has exact values (times with their zone,
 * ages in seconds, sizes in bytes); a column says how a person reads them. */
#ifndef EB_TABLE_H
#define EB_TABLE_H

#include "ctl.h"

typedef enum { EB_CELL_TEXT, EB_CELL_TIME, EB_CELL_AGE, EB_CELL_SIZE } eb_cell_t;

typedef struct eb_column_t {
    const char *title, *key;
    eb_cell_t cell;
} eb_column_t;

/* NULL and text that is not UTF-8 are allowed. */
json_t *eb_json_text(const char *text, apr_pool_t *pool);
json_t *eb_json_time(apr_time_t time, apr_pool_t *pool); /* 0 is null */
const char *eb_cell_text(const json_t *value, eb_cell_t cell, apr_pool_t *pool);

/* An array of objects; `none` is said when it is empty. Takes the reference. */
void eb_table_print(const eb_ctl_t *ctl, json_t *rows, const eb_column_t *columns, int count,
                    const char *none);
/* One object, a line per member that is not null. Takes the reference. */
void eb_table_show(const eb_ctl_t *ctl, json_t *object, const eb_column_t *columns, int count);
void eb_json_print(json_t *json); /* takes the reference */

#endif
