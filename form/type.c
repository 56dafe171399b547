/* The table of types. What a type does is in type_text.c, type_date.c, type_number.c,
 * type_choice.c, type_contact.c and files.c. */
#include "din91379.h"
#include "type_parts.h"

#include <string.h>

#define TEXT(name, datatype, lines)                                                                \
    {                                                                                              \
        (name), NULL, (lines), false, false, false, eb_parse_text, eb_show_text, (datatype)        \
    }
#define DATE(name, partly)                                                                         \
    {                                                                                              \
        (name), "numeric", false, true, (partly), false, eb_parse_date, eb_show_date, 0            \
    }
#define NUMBER(name, mode, kind)                                                                   \
    {                                                                                              \
        (name), (mode), false, false, false, true, eb_parse_number, eb_show_number, (kind)         \
    }
#define OTHER(name, mode, parse, show)                                                             \
    {                                                                                              \
        (name), (mode), false, false, false, false, parse, show, 0                                 \
    }

static const eb_type_t types[] = {
    TEXT("xs:string", EB_DIN_C, true),
    TEXT("xs:normalizedString", EB_DIN_C, false),
    TEXT("eb:datatypeA", EB_DIN_A, false),
    TEXT("eb:datatypeB", EB_DIN_B, false),
    TEXT("eb:datatypeC", EB_DIN_C, true),
    DATE("xs:date", false),
    DATE("eb:partialDate", true),
    OTHER("eb:year", "numeric", eb_parse_year, eb_show_text),
    OTHER("xs:boolean", NULL, eb_parse_boolean, eb_show_boolean),
    OTHER("eb:code", NULL, eb_parse_code, eb_show_code),
    NUMBER("xs:integer", "numeric", EB_NUMBER_INTEGER),
    NUMBER("xs:nonNegativeInteger", "numeric", EB_NUMBER_NOT_NEGATIVE),
    NUMBER("xs:positiveInteger", "numeric", EB_NUMBER_POSITIVE),
    NUMBER("xs:decimal", "decimal", EB_NUMBER_DECIMAL),
    NUMBER("eb:amount", "decimal", EB_NUMBER_AMOUNT),
    OTHER("eb:email", "email", eb_parse_email, eb_show_text),
    OTHER("eb:phone", "tel", eb_parse_phone, eb_show_text),
    OTHER("eb:postcode", "numeric", eb_parse_postcode, eb_show_text),
    OTHER("eb:files", NULL, eb_parse_files, eb_show_files),
};

const eb_type_t *eb_type_find(const char *name)
{
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (strcmp(types[i].name, name) == 0)
            return &types[i];
    }
    return NULL;
}
