/* Columns are as wide as their widest cell, counted in characters; the last one is not padded. */
#include "table.h"
#include "base/date.h"
#include "base/utf8.h"

#include <apr_strings.h>
#include <stdio.h>
#include <string.h>

json_t *eb_json_text(const char *text, apr_pool_t *pool)
{
    if (!text)
        return json_null();
    if (eb_utf8_valid(text, strlen(text)))
        return json_string(text);
    char *copy = apr_pstrdup(pool, text);
    for (char *c = copy; *c; c++)
        if ((unsigned char)*c >= 0x80)
            *c = '?';
    return json_string(copy);
}

json_t *eb_json_time(apr_time_t time, apr_pool_t *pool)
{
    return time ? json_string(eb_local_iso(time, pool)) : json_null();
}

/* The two largest units. */
static const char *age(json_int_t seconds, apr_pool_t *pool)
{
    if (seconds < 120)
        return apr_psprintf(pool, "%d s", (int)seconds);
    if (seconds < 2 * 3600)
        return apr_psprintf(pool, "%d min", (int)(seconds / 60));
    if (seconds < 2 * 86400)
        return apr_psprintf(pool, "%d h %d min", (int)(seconds / 3600), (int)(seconds / 60 % 60));
    return apr_psprintf(pool, "%d days", (int)(seconds / 86400));
}

static const char *size(json_int_t bytes, apr_pool_t *pool)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    double value = (double)bytes;
    int unit = 0;

    for (; value >= 1024 && unit < 4; unit++)
        value /= 1024;
    return apr_psprintf(pool, unit ? "%.1f %s" : "%.0f %s", value, units[unit]);
}

/* "2026-11-25T19:30:00.123+01:00" as "2026-11-25 19:30:00". */
static const char *moment(const char *iso, apr_pool_t *pool)
{
    char *copy = apr_pstrndup(pool, iso, 19);
    if (strlen(copy) > 10)
        copy[10] = ' ';
    return copy;
}

/* What comes from files could hold what terminals obey. */
static const char *harmless(const char *text, apr_pool_t *pool)
{
    char *copy = apr_pstrdup(pool, text);
    for (char *c = copy; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7F)
            *c = ' ';
    return copy;
}

const char *eb_cell_text(const json_t *value, eb_cell_t cell, apr_pool_t *pool)
{
    if (json_is_string(value)) {
        const char *text = json_string_value(value);
        return cell == EB_CELL_TIME ? moment(text, pool) : harmless(text, pool);
    }
    if (json_is_integer(value)) {
        json_int_t number = json_integer_value(value);
        if (cell == EB_CELL_AGE)
            return age(number, pool);
        return cell == EB_CELL_SIZE ? size(number, pool)
                                    : apr_psprintf(pool, "%" APR_INT64_T_FMT, (apr_int64_t)number);
    }
    if (json_is_boolean(value))
        return json_is_true(value) ? "yes" : "no";
    return "-";
}

static void pad(const char *text, apr_size_t width)
{
    apr_size_t len = eb_utf8_length(text);

    fputs(text, stdout);
    for (; len < width + 2; len++)
        putchar(' ');
}

static apr_size_t width_of(const json_t *rows, const eb_column_t *column, apr_pool_t *pool)
{
    apr_size_t i, width = eb_utf8_length(column->title);
    json_t *row;

    json_array_foreach(rows, i, row)
    {
        const json_t *value = json_object_get(row, column->key);
        apr_size_t len = eb_utf8_length(eb_cell_text(value, column->cell, pool));
        if (len > width)
            width = len;
    }
    return width;
}

void eb_json_print(json_t *json)
{
    json_dumpf(json, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(json);
}

void eb_table_print(const eb_ctl_t *ctl, json_t *rows, const eb_column_t *columns, int count,
                    const char *none)
{
    apr_size_t *widths = apr_pcalloc(ctl->pool, count * sizeof *widths), i;
    json_t *row;

    if (ctl->json) {
        eb_json_print(rows);
        return;
    }
    if (!json_array_size(rows))
        puts(none);
    for (int c = 0; c < count - 1; c++)
        widths[c] = width_of(rows, &columns[c], ctl->pool);
    for (int c = 0; c < count && json_array_size(rows); c++)
        c < count - 1 ? pad(columns[c].title, widths[c]) : (void)puts(columns[c].title);
    json_array_foreach(rows, i, row)
    {
        for (int c = 0; c < count; c++) {
            const json_t *value = json_object_get(row, columns[c].key);
            const char *text = eb_cell_text(value, columns[c].cell, ctl->pool);
            c < count - 1 ? pad(text, widths[c]) : (void)puts(text);
        }
    }
    json_decref(rows);
}

void eb_table_show(const eb_ctl_t *ctl, json_t *object, const eb_column_t *columns, int count)
{
    apr_size_t width = 0;

    if (ctl->json) {
        eb_json_print(object);
        return;
    }
    for (int c = 0; c < count; c++)
        if (eb_utf8_length(columns[c].title) > width)
            width = eb_utf8_length(columns[c].title);
    for (int c = 0; c < count; c++) {
        const json_t *value = json_object_get(object, columns[c].key);
        if (!value || json_is_null(value))
            continue;
        pad(columns[c].title, width);
        puts(eb_cell_text(value, columns[c].cell, ctl->pool));
    }
    json_decref(object);
}
