/* Code list urn:de:xta:webservice:codeliste:fehlernummer 1.0 of KoSIT, as far as it goes. */
#include "fault.h"

#include <stdlib.h>
#include <stddef.h>

static const eb_xta_fault_t faults[] = {
    {9000, EB_P_XTA_FAULT, EB_CURE_CARE, "an error of no particular kind"},
    {9010, EB_P_XTA_ACCOUNT, EB_CURE_CARE, "our certificate has expired"},
    {9011, EB_P_XTA_ACCOUNT, EB_CURE_CARE, "our account is locked"},
    {9012, EB_P_XTA_ACCOUNT, EB_CURE_CARE, "we have no account"},
    {9013, EB_P_XTA_SERVICE, EB_CURE_CARE, "the service is not booked for us"},
    {9014, EB_P_XTA_ACCOUNT, EB_CURE_CARE, "our certificate does not belong to the author"},
    {9020, EB_P_XTA_PARAMETER, EB_CURE_CARE, "something is missing in the request"},
    {9021, EB_P_XTA_PARAMETER, EB_CURE_CARE, "an address in the request is none"},
    {9022, EB_P_XTA_PARAMETER, EB_CURE_CARE, "parts of the request do not fit together"},
    {9023, EB_P_XTA_SIZE, EB_CURE_PERSON, "the message is too large"},
    {9024, EB_P_XTA_ID_USED, EB_CURE_NONE, "the message id has been used"},
    {9030, EB_P_XTA_TECHNICAL, EB_CURE_TIME, "an internal error"},
    {9031, EB_P_XTA_TECHNICAL, EB_CURE_TIME, "its directory service fails"},
    {9032, EB_P_XTA_TECHNICAL, EB_CURE_TIME, "the delivery failed"},
    {9050, EB_P_XTA_SCHEMA, EB_CURE_PERSON, "the message is not valid against its schema"},
    {9051, EB_P_XTA_SCHEMA, EB_CURE_PERSON, "the message has a wrong encoding"},
    {9052, EB_P_XTA_SCHEMA, EB_CURE_PERSON, "the message does not follow its profile"},
    {9060, EB_P_XTA_VIRUS, EB_CURE_PERSON, "malware was found in the message"},
    {9070, EB_P_XTA_ID_UNKNOWN, EB_CURE_CARE, "the message id is not known"},
    {9080, EB_P_XTA_SERVICE, EB_CURE_CARE, "the service takes messages asynchronously only"},
    {9081, EB_P_XTA_SERVICE, EB_CURE_CARE, "the service takes messages synchronously only"},
    {9100, EB_P_XTA_FAULT, EB_CURE_CARE, "the time to cancel is over"},
    {9101, EB_P_XTA_FAULT, EB_CURE_CARE, "the message cannot be cancelled"},
};

const eb_xta_fault_t *eb_xta_fault(const char *code)
{
    const int number = code ? atoi(code) : 0;

    if (!code)
        return NULL;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        if (faults[i].code == number)
            return &faults[i];
    return &faults[0];
}
