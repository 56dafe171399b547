/* Codes as people type them: whatever is read is a good code, reads as itself when it is shown, and
 * is none any more with another last sign. A number rides along. */
#include "base/code.h"
#include "base/ids.h"
#include "fuzz.h"

enum { GROUPS = 6, LEN = EB_CODE_LEN(GROUPS) };

static void check_code(const char *typed, int groups)
{
    char code[LEN + 1], shown[EB_CODE_SHOWN(GROUPS) + 1], again[LEN + 1];
    int count, wrong;

    if (eb_code_read(code, groups, typed, &count, &wrong)) {
        must(wrong >= 0 && wrong <= groups && count >= 0);
        must(wrong == 0 || count == EB_CODE_LEN(groups));
        must(strlen(code) <= (size_t)EB_CODE_LEN(groups));
        return;
    }
    must(eb_code_valid(code, groups) && count == EB_CODE_LEN(groups));
    eb_code_show(shown, code, groups);
    must(eb_code_read(again, groups, shown, &count, &wrong) == APR_SUCCESS);
    must(strcmp(code, again) == 0);
    code[EB_CODE_LEN(groups) - 1] = code[EB_CODE_LEN(groups) - 1] == 'X' ? 'Y' : 'X';
    must(!eb_code_valid(code, groups));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *typed = fuzz_text(data, size), number[EB_NUMBER_LEN + 1];

    check_code(typed, 6);
    check_code(typed, 3);
    if (eb_number_read(number, typed))
        must(eb_number_valid(number));
    free(typed);
    return 0;
}
