/* A test submission, sent when somebody asks for it: a message that a test installation wrote goes
 * the whole way of an application, step by step, and each step is a finding. It is nobody's
 * application, so no outbox keeps it; a process that ends on the way leaves at most an announcement
 * behind, which a receiver forgets. */
#include "output.h"

#include "form/xml.h"

#include <string.h>

#define MESSAGE_MAX (32 * 1024 * 1024)
#define PATIENCE    apr_time_from_sec(120) /* for the receiver to say that it has the message */

static apr_status_t unfit(eb_problem_t **problem, const char *file, const char *why, apr_pool_t *p)
{
    return eb_problem_set(problem, EB_P_TRIAL, APR_EINVAL, file, p, "%s", why);
}

/* The text of the first element of that name, whatever standard it belongs to. */
static const char *text_of(xmlNodePtr node, const char *name, apr_pool_t *p)
{
    const char *text = NULL;

    for (node = eb_xml_element(node); node != NULL && text == NULL;
         node = eb_xml_element(node->next))
        text = strcmp((const char *)node->name, name) == 0 ? eb_xml_text(node, p)
                                                           : text_of(node->children, name, p);
    return text;
}

/* What says that it is a test stands in the message, where everybody who reads it looks. */
static apr_status_t read_message(eb_package_t *package, const char *file, eb_problem_t **problem,
                                 apr_pool_t *p)
{
    xmlDocPtr doc;
    apr_status_t rv =
        eb_xml_read(&package->message, &package->message_len, file, MESSAGE_MAX, problem, p);

    if (rv == APR_SUCCESS)
        rv = eb_xml_parse(&doc, package->message, package->message_len, file, problem, p);
    if (rv != APR_SUCCESS)
        return rv;
    xmlNodePtr root = xmlDocGetRootElement(doc);
    package->uuid = text_of(root, "nachrichtenUUID", p);
    package->number = text_of(root, "vorgangsnummer", p);
    package->schema = root->ns != NULL ? apr_pstrdup(p, (const char *)root->ns->href) : "";
    if (eb_xml_attr(root, NULL, "test", p) == NULL)
        return unfit(problem, file, "it is not marked as a test", p);
    if (package->uuid == NULL || !eb_uuid_valid(package->uuid) || package->number == NULL ||
        !eb_number_valid(package->number))
        return unfit(problem, file, "it has no nachrichtenUUID, or no Vorgangsnummer", p);
    if (text_of(root, "anlage", p) != NULL)
        return unfit(problem, file, "it speaks of documents, which would be missing", p);
    return APR_SUCCESS;
}

static void found(apr_array_header_t *findings, const char *step, const char *text)
{
    eb_probe_t *finding = apr_array_push(findings);

    *finding = (eb_probe_t){step, text};
}

static const char *words(const eb_job_t *job, apr_pool_t *p)
{
    const char *text = job->detail != NULL ? job->detail : "done";

    return apr_psprintf(p, "%s: %s", job->number, text);
}

/* As the dispatcher would, but for keeping anything. A job that waits for the receiver's word is
 * looked at again when it is due, within reason. */
static apr_status_t walk(apr_array_header_t *findings, const eb_transport_t *transport,
                         eb_job_t *job, const eb_package_t *package, eb_problem_t **problem,
                         apr_pool_t *p)
{
    const apr_time_t end = job->accepted + PATIENCE;

    while (job->state != EB_JOB_CONFIRMED) {
        const apr_time_t now = apr_time_now();

        switch (transport->step(transport, job, package, now, NULL, problem, p)) {
        case EB_STEP_FORWARD:
            found(findings, eb_job_state_name(job->state), words(job, p));
            job->detail = NULL;
            break;
        case EB_STEP_LATER:
            if (job->due > end) {
                found(findings, "waiting", "the receiver has it, and has not confirmed it yet");
                return APR_SUCCESS;
            }
            if (job->due > now)
                apr_sleep(job->due - now);
            break;
        default: return *problem != NULL ? (*problem)->status : APR_EGENERAL;
        }
    }
    return APR_SUCCESS;
}

apr_status_t eb_trial_send(apr_array_header_t *findings, const eb_authority_t *a, const char *file,
                           eb_problem_t **problem, apr_pool_t *p)
{
    eb_package_t package = {.authority = a->id};
    eb_job_t job = {.authority = a->id,
                    .state = EB_JOB_QUEUED,
                    .transport = a->transport->name,
                    .accepted = apr_time_now()};
    apr_status_t rv = read_message(&package, file, problem, p);

    if (rv != APR_SUCCESS)
        return rv;
    rv = eb_random(package.secret, sizeof(package.secret));
    if (rv != APR_SUCCESS)
        return eb_problem_set(problem, EB_P_CRYPTO, rv, NULL, p, "There is no random number");
    apr_cpystrn(job.uuid, package.uuid, sizeof(job.uuid));
    apr_cpystrn(job.number, package.number, sizeof(job.number));
    rv = walk(findings, a->transport, &job, &package, problem, p);
    eb_wipe(package.secret, sizeof(package.secret));
    return rv;
}
