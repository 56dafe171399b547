/* Many documents on their way from the applicant's draft to the receiver's folder: whole, in little
 * memory, and refused as a whole when one of them cannot be read. */
#include "delivery/submission.h"
#include "message.h"
#include "dispatch.h"
#include "tap.h"
#include "enclosures.h"
#include "inbox.h"
#include "memory.h"
#include "scratch.h"
#include "spool.h"

#include <apr_errno.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <time.h>

#define EXAMPLE "t/message/instances/09-sehr-umfangreich.txt"

enum { FILES = 30 };

static const char *dir;
static apr_pool_t *pool;
static bench_t bench;
static eb_context_t context;
static eb_acceptance_t acceptance;
static eb_transport_t *transport;
static eb_problem_t *problem;
static inbox_t inbox;

static eb_header_t fresh(void)
{
    eb_header_t h = bench.header;
    char *uuid = apr_palloc(pool, EB_UUID_LEN + 1), *number = apr_palloc(pool, EB_NUMBER_LEN + 1);
    eb_uuid_new(uuid);
    eb_number_new(number, 2026);
    h.uuid = uuid;
    h.number = number;
    return h;
}

static void is_problem(int number, const char *name)
{
    is_int(problem ? (int)problem->number : -1, number, name);
}

static apr_uint64_t small(int i)
{
    return (apr_uint64_t)i * 10;
}

/* 80 MB in 30 files. */
static apr_uint64_t large(int i)
{
    return 80 * 1000 * 1000 / FILES + (apr_uint64_t)i - FILES / 2;
}

static apr_array_header_t *files(const eb_header_t *h, apr_uint64_t (*size)(int), apr_pool_t *p)
{
    int named = eb_documents_list(&context, true)->nelts;
    return enclosures_of(&context, h->uuid, FILES - named, size, p);
}

static apr_status_t accept_it(const eb_header_t *h, const apr_array_header_t *list, apr_pool_t *p)
{
    apr_time_t accepted;
    eb_context_t c = context;

    c.pool = p;
    problem = NULL;
    return eb_submission_accept(&accepted, &acceptance, h, &c, list, &problem, p);
}

static int deliver(apr_pool_t *p)
{
    const eb_route_t route = {AUTHORITY, transport};
    const eb_dispatcher_t d = {.box = acceptance.box, .routes = &route, .routes_count = 1};
    int delivered;
    dispatch_all(&d, bench.now + APR_USEC_PER_SEC, &delivered, p);
    return delivered;
}

/* What sha512sum says of a delivered file stands in the message. */
static bool named(const char *message, const char *path)
{
    char hex[EB_SHA512_HEX_LEN + 1] = "";
    FILE *f = popen(apr_pstrcat(pool, "sha512sum ", path, NULL), "r");
    bool good = f && fread(hex, 1, EB_SHA512_HEX_LEN, f) == EB_SHA512_HEX_LEN;

    if (f)
        pclose(f);
    return good && strstr(message, hex);
}

static void test_thirty(void)
{
    eb_header_t h = fresh();
    apr_array_header_t *list = files(&h, NULL, pool);
    bool digests = true, twice = true;
    struct stat info;
    ssize_t len;

    if (!is_int(accept_it(&h, list, pool), APR_SUCCESS, "30 documents are accepted"))
        printf("# %s\n", problem ? eb_problem_text(problem, pool) : "no problem was given");
    for (int i = 0; i < FILES; i++)
        twice = twice && enclosures_bytes(list, i)->poured == 2;
    ok(twice, "each poured twice");
    is_int(deliver(pool), 1, "and delivered");
    const char *name = apr_psprintf(pool, "%s/%s_%s", inbox.folder, h.number, h.uuid);
    ok(stat(name, &info) == 0 && (info.st_mode & 0777) == 0750, "in a folder for the group");
    const char *message = inbox_slurp(apr_pstrcat(pool, name, ".xml", NULL), &len, pool);
    for (int i = 0; i < eb_documents_list(&context, true)->nelts; i++) {
        const char *file = APR_ARRAY_IDX(list, i, eb_enclosure_t).name;
        const char *path = apr_pstrcat(pool, name, "/", file, NULL);
        digests = digests && len > 0 && named(message, path) && strstr(message, file) &&
                  stat(path, &info) == 0 && (info.st_mode & 0777) == 0640;
    }
    ok(digests, "the message has names and digests of those it knows");
    enclosures_expect(&inbox, list, pool);
    inbox_fetch(&inbox);
    ok(inbox.fetched == 1 && !inbox.wrong, "byte for byte, and nothing else is in that folder");
}

/* One document is not what it should be, in the pass it says. */
typedef struct fault_t {
    const char *name;
    int good;
    apr_status_t failure;
    apr_uint64_t lacks;
    int number;
} fault_t;

static void test_faults(void)
{
    static const fault_t faults[] = {
        {"gone", 0, APR_NOTFOUND, 0, EB_P_DOCUMENT_UNREAD},
        {"gone after it was counted", 1, APR_NOTFOUND, 0, EB_P_DOCUMENT_UNREAD},
        {"an error that looks like a message's", 0, APR_EINVAL, 0, EB_P_DOCUMENT_UNREAD},
        {"an error that looks like success", 1, APR_EEXIST, 0, EB_P_DOCUMENT_UNREAD},
        {"too short", 0, APR_SUCCESS, 1, EB_P_DOCUMENT_SIZE},
        {"too short the second time", 1, APR_SUCCESS, 1, EB_P_DOCUMENT_SIZE},
        {"too long", 0, APR_SUCCESS, (apr_uint64_t)-1, EB_P_DOCUMENT_SIZE}};

    for (size_t f = 0; f < sizeof faults / sizeof *faults; f++) {
        eb_header_t h = fresh();
        apr_array_header_t *list = files(&h, NULL, pool);
        bytes_t *bytes = enclosures_bytes(list, 17);
        int before = spool_files(dir, "queue", pool);
        bool others = true;
        eb_job_t *job;

        bytes->good = faults[f].good;
        bytes->failure = faults[f].failure;
        bytes->lacks = faults[f].lacks;
        is_int(accept_it(&h, list, pool), APR_INCOMPLETE, faults[f].name);
        for (int i = 0; i < FILES; i++)
            others = others &&
                     (APR_ARRAY_IDX(list, i, eb_enclosure_t).status != APR_SUCCESS) == (i == 17);
        ok(others, "it is told which");
        ok(problem && (int)problem->number == faults[f].number &&
               strncmp(problem->what, "Document 18 of 30: ", 19) == 0,
           "in words, too");
        is_int(
            acceptance.box->engine->find(&job, acceptance.box, AUTHORITY, h.uuid, &problem, pool),
            APR_NOTFOUND, "nothing is accepted");
        ok(spool_files(dir, "queue", pool) == before && spool_files(dir, "tmp", pool) == 0,
           "nothing is left");
    }
}

static void test_names(void)
{
    eb_header_t h = fresh();
    apr_array_header_t *list = files(&h, small, pool);

    APR_ARRAY_IDX(list, 3, eb_enclosure_t).name = "../x";
    is_int(accept_it(&h, list, pool), APR_EGENERAL, "a name that leads elsewhere");
    is_problem(EB_P_DOCUMENT_NAME, "is a problem");
    is_int(enclosures_bytes(list, 0)->poured, 0, "before anything is read");
}

/* A package that is changed while it waits: the receiver sees nothing of it. */
static void test_spoilt(void)
{
    eb_header_t h = fresh();
    char byte = 0;
    eb_job_t *job;

    accept_it(&h, files(&h, NULL, pool), pool);
    const char *path = apr_psprintf(pool, "%s/spool/%s/queue/%s.package", dir, AUTHORITY, h.uuid);
    struct timespec times[2] = {{.tv_nsec = UTIME_OMIT},
                                {.tv_sec = (time_t)apr_time_sec(bench.now)}};
    int fd = open(path, O_RDWR);
    pread(fd, &byte, 1, 2000000);
    byte ^= 1;
    pwrite(fd, &byte, 1, 2000000);
    futimens(fd, times);
    close(fd);
    inbox.fetched = inbox.wrong = 0;
    is_int(deliver(pool), 0, "a package that was changed is not delivered");
    inbox_fetch(&inbox);
    is_int(inbox.fetched, 0, "nothing appears");
    is_int(scratch_count(inbox.folder), 1, "not even documents");
    is_int(scratch_count(apr_pstrcat(pool, inbox.folder, "/.staging", NULL)), 0, "nor is any left");
    acceptance.box->engine->find(&job, acceptance.box, AUTHORITY, h.uuid, &problem, pool);
    ok(job->state == EB_JOB_HELD && job->before == EB_JOB_QUEUED, "it is held");
    is_str(job->problem_id, "EB0415", "with its problem");
    unlink(path);
    unlink(apr_psprintf(pool, "%s/spool/%s/queue/%s.job", dir, AUTHORITY, h.uuid));
}

static eb_step_result_t stage(eb_job_t *job, const eb_package_t *package)
{
    problem = NULL;
    return transport->step(transport, job, package, bench.now, &(eb_stop_t){0}, &problem, pool);
}

/* What people and full disks may do in the receiver's folder. */
static void test_folder(void)
{
    eb_job_t job = spool_job(bench.now);
    eb_package_t package = inbox_package(&job, 3, pool);
    eb_attachment_t *list = (eb_attachment_t *)package.attachments;
    const char *name = list[1].name;
    const char *folder = apr_psprintf(pool, "%s/%s_%s", inbox.folder, job.number, job.uuid);

    list[1].name = "../x";
    is_int(stage(&job, &package), EB_STEP_HOLD, "a name that leads elsewhere holds");
    is_problem(EB_P_DOCUMENT_NAME, "with its problem");
    list[1].name = name;
    is_int(stage(&job, &package), EB_STEP_FORWARD, "staged");
    mkdir(folder, 0700);
    scratch_write(apr_pstrcat(pool, folder, "/x", NULL), "");
    is_int(stage(&job, &package), EB_STEP_HOLD, "a folder of that name is there");
    is_problem(EB_P_FOLDER_OCCUPIED, "with its problem");
    scratch_remove(folder);
    is_int(stage(&job, &package), EB_STEP_FORWARD, "without it, it goes on");
    is_int(stage(&job, &package), EB_STEP_FORWARD, "and is confirmed");
    inbox_t plain = {.folder = inbox.folder, .pool = pool, .documents = 3};
    inbox_fetch(&plain);
    ok(plain.fetched == 1 && !plain.wrong, "whole");

    job = spool_job(bench.now);
    package = inbox_package(&job, 3, pool);
    stage(&job, &package);
    scratch_remove(apr_psprintf(pool, "%s/.staging/%s.d", inbox.folder, job.uuid));
    is_int(stage(&job, &package), EB_STEP_HOLD, "somebody removed the staged documents");
    is_problem(EB_P_FOLDER_STAGING, "a person has to look");
    is_int(scratch_count(inbox.folder), 1, "the message does not appear without them");
    scratch_remove(apr_pstrcat(pool, inbox.folder, "/.staging", NULL));
}

static int stage_with_limit(void)
{
    int status = -1;

    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        eb_job_t job = spool_job(bench.now);
        eb_package_t package = inbox_package(&job, 3, pool);
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &(struct rlimit){20000, 20000});
        eb_step_result_t result = stage(&job, &package);
        _exit((int)result + (problem && problem->number == EB_P_FOLDER_WRITE ? 0 : 100));
    }
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* A small file system that becomes full in the third document. */
static void test_full(void)
{
    eb_job_t job = spool_job(bench.now);
    eb_package_t package = inbox_package(&job, 3, pool);
    const char *folder = apr_pstrcat(pool, dir, "/tiny", NULL);
    eb_transport_t *before = transport;

    is_int(stage_with_limit(), EB_STEP_WAIT, "a document cannot be written in full");
    is_int(scratch_count(apr_pstrcat(pool, inbox.folder, "/.staging", NULL)), 0, "nothing is left");
    mkdir(folder, 0700);
    if (mount("tmpfs", folder, "tmpfs", 0, "size=64k,nr_inodes=64")) {
        skip(4, "cannot mount a small tmpfs");
        return;
    }
    eb_directory_transport(&transport, folder, pool);
    is_int(stage(&job, &package), EB_STEP_WAIT, "the disk is full in the middle of a document");
    is_problem(EB_P_FOLDER_FULL, "it waits for room");
    is_int(scratch_count(apr_pstrcat(pool, folder, "/.staging", NULL)), 0, "and takes none");
    package.attachments_count = 2;
    is_int(stage(&job, &package), EB_STEP_FORWARD, "what fits is staged");
    transport = before;
    umount2(folder, MNT_DETACH);
    rmdir(folder);
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* In a child: accepted, delivered, and taken away. */
static int whole_way(void *baton)
{
    apr_uint64_t (*size)(int) = *(apr_uint64_t(**)(int))baton;
    eb_header_t h = fresh();
    apr_pool_t *p;

    apr_pool_create(&p, NULL);
    apr_array_header_t *list = files(&h, size, p);
    double start = seconds();
    if (accept_it(&h, list, p))
        return 1;
    double accepted = seconds();
    if (deliver(p) != 1)
        return 1;
    double delivered = seconds();
    const char *folder = apr_psprintf(p, "%s/%s_%s", inbox.folder, h.number, h.uuid);
    for (int i = 0; i < FILES; i++) {
        const eb_enclosure_t *e = &APR_ARRAY_IDX(list, i, eb_enclosure_t);
        struct stat info;
        if (stat(apr_pstrcat(p, folder, "/", e->name, NULL), &info) ||
            (apr_uint64_t)info.st_size != e->size)
            return 1;
    }
    unlink(apr_pstrcat(p, folder, ".xml", NULL));
    scratch_remove(folder);
    if (size == large)
        printf("# 80 MB in 30 files: accepted in %.2f s, delivered in %.2f s\n", accepted - start,
               delivered - accepted);
    fflush(stdout);
    return 0;
}

static void test_memory(void)
{
    apr_uint64_t (*less)(int) = small, (*more)(int) = large;
    memory_ok(whole_way, &less, &more, 1024, "80 MB of documents need no more memory than 4 kB");
}

int main(void)
{
    pool = tap_begin();
    eb_instance_t *in =
        message_begin(&bench, pool) ? fixture_load(bench.form, EXAMPLE, pool) : NULL;
    if (!in) {
        ok(false, "form, profile and example load");
        return done();
    }
    dir = scratch_make_fast(pool);
    context = message_context(&bench, in);
    eb_rules_calculate(in, &context);
    acceptance = (eb_acceptance_t){.box = spool_box(dir, scratch_keys(dir, "a", pool), pool),
                                   .profile = bench.profile,
                                   .authority = AUTHORITY,
                                   .transport = "directory"};
    inbox = (inbox_t){.folder = apr_pstrcat(pool, dir, "/inbox", NULL), .pool = pool, .any = true};
    mkdir(inbox.folder, 0700);
    eb_directory_transport(&transport, inbox.folder, pool);
    test_thirty();
    test_faults();
    test_names();
    test_spoilt();
    test_folder();
    test_full();
    test_memory();
    scratch_remove(dir);
    return done();
}
