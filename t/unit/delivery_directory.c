/* The transport into a folder: what appears, what happens when the folder is not as it should be,
 * and death after every single system call of a whole delivery, with a receiver that fetches at
 * once. */
#include "delivery/dispatcher.h"
#include "dispatch.h"
#include "tap.h"
#include "crash.h"
#include "inbox.h"
#include "scratch.h"
#include "spool.h"

#include <apr_errno.h>
#include <signal.h>
#include <sys/resource.h>

static const char *dir;
static apr_pool_t *pool;
static eb_outbox_t *box;
static eb_transport_t *transport;
static eb_problem_t *problem;
static apr_time_t now;
static inbox_t inbox;

static eb_step_result_t step_with(eb_job_t *job, int documents)
{
    eb_package_t package = inbox_package(job, documents, pool);
    problem = NULL;
    return transport->step(transport, job, &package, now, &(eb_stop_t){0}, &problem, pool);
}

static eb_step_result_t step(eb_job_t *job)
{
    return step_with(job, 0);
}

static int staged(void)
{
    return scratch_count(apr_pstrcat(pool, inbox.folder, "/.staging", NULL));
}

static void test_way(void)
{
    eb_job_t job = spool_job(now);
    struct stat info;
    eb_transport_t *none;

    is_int(eb_directory_transport(&none, "eingang", pool), APR_EINVAL, "a relative folder");
    is_int(eb_directory_transport(&none, "/srv/\xFC", pool), APR_EINVAL,
           "a name that is not UTF-8");
    is_int(step(&job), EB_STEP_FORWARD, "first step");
    is_int(job.state, EB_JOB_ANNOUNCED, "announced");
    is_int(scratch_count(inbox.folder), 1, "nothing has appeared but the staging folder");
    is_int(step(&job), EB_STEP_FORWARD, "second step");
    is_int(job.state, EB_JOB_SUBMITTED, "submitted");
    const char *file = apr_psprintf(pool, "%s/%s_%s.xml", inbox.folder, job.number, job.uuid);
    ok(stat(file, &info) == 0, "it has appeared under its name");
    is_int(info.st_mode & 0777, 0640, "readable for the group");
    is_int(step(&job), EB_STEP_FORWARD, "third step");
    is_int(job.state, EB_JOB_CONFIRMED, "confirmed");
    is_int(staged(), 0, "nothing is left in the staging folder");
    inbox_fetch(&inbox);
    ok(inbox.fetched == 1 && !inbox.wrong, "whole");
    is_int(step(&job), EB_STEP_HOLD, "no further step is known");
}

/* Each step again, as after a crash before its result was stored. */
static void test_again(void)
{
    eb_job_t job = spool_job(now), before;

    inbox.fetched = inbox.wrong = 0;
    before = job;
    step(&job);
    job = before;
    is_int(step(&job), EB_STEP_FORWARD, "announced again");
    before = job;
    step(&job);
    inbox_fetch(&inbox);
    job = before;
    is_int(step(&job), EB_STEP_FORWARD, "submitted again, after the receiver was there");
    inbox_fetch(&inbox);
    ok(inbox.fetched == 1 && !inbox.wrong, "nothing appeared again");
    before = job;
    step(&job);
    job = before;
    is_int(step(&job), EB_STEP_FORWARD, "confirmed again");
}

static void remove_staging(void)
{
    scratch_remove(apr_pstrcat(pool, inbox.folder, "/.staging", NULL));
}

static void test_tampering(void)
{
    eb_job_t job = spool_job(now);

    step(&job);
    remove_staging();
    is_int(step(&job), EB_STEP_HOLD, "the staging folder was removed");
    is_int(problem->number, EB_P_FOLDER_STAGING, "a person has to look");
    mkdir(apr_pstrcat(pool, inbox.folder, "/.staging", NULL), 0700);
    is_int(step(&job), EB_STEP_HOLD, "and after it was made again, too");
    job.remote = NULL;
    is_int(step(&job), EB_STEP_HOLD, "a job without memory");
    job.remote = "{\"folder\":\"/tmp\",\"file\":\"../x\"}";
    is_int(step(&job), EB_STEP_HOLD, "a memory that leads elsewhere");
    ok(problem && problem->number == EB_P_FOLDER_STAGING, "is not followed");
}

/* Configured anew in the middle: it ends where it was announced. */
static void test_moved(void)
{
    eb_job_t job = spool_job(now);
    eb_transport_t *old = transport;
    const char *other = apr_pstrcat(pool, dir, "/other", NULL);

    mkdir(other, 0700);
    step(&job);
    eb_directory_transport(&transport, other, pool);
    inbox.fetched = inbox.wrong = 0;
    is_int(step(&job), EB_STEP_FORWARD, "another folder is configured");
    inbox_fetch(&inbox);
    ok(inbox.fetched == 1 && !inbox.wrong, "what was announced appears in the former");
    is_int(scratch_count(other), 0, "nothing in the new");
    is_int(step(&job), EB_STEP_FORWARD, "and the mark goes there");
    transport = old;
}

/* What the step says; 100 more where its problem is not the one expected. */
static int step_in_child(void (*how)(void), eb_problem_id_t expected)
{
    int status = -1;
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        eb_job_t job = spool_job(now);
        how();
        eb_step_result_t result = step(&job);
        _exit((int)result + (problem && problem->number == expected ? 0 : 100));
    }
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void become_nobody(void)
{
    if (setgid(65534) || setuid(65534))
        _exit(99);
}

static void limit_files(void)
{
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){10, 10});
}

static void test_closed(void)
{
    eb_job_t job = spool_job(now);
    eb_transport_t *old = transport;

    eb_directory_transport(&transport, apr_pstrcat(pool, dir, "/missing", NULL), pool);
    is_int(step(&job), EB_STEP_HOLD, "a missing folder holds");
    ok(problem->number == EB_P_FOLDER_CLOSED && strstr(problem->what, "/missing"),
       "and the problem names it");
    is_int(job.state, EB_JOB_QUEUED, "the job is where it was");
    transport = old;
    if (geteuid() == 0)
        is_int(step_in_child(become_nobody, EB_P_FOLDER_CLOSED), EB_STEP_HOLD,
               "a folder without rights holds");
    else
        skip(1, "needs root to give up rights");
    is_int(step_in_child(limit_files, EB_P_FOLDER_WRITE), EB_STEP_WAIT, "a write that fails waits");
    is_int(staged(), 0, "and leaves nothing");
}

static int run(void *baton)
{
    const eb_route_t route = {.authority = AUTHORITY, .transport = transport};
    const eb_dispatcher_t d = {.box = box, .routes = &route, .routes_count = 1};
    int delivered;

    (void)baton;
    return dispatch_all(&d, now, &delivered, pool) != APR_SUCCESS;
}

/* Everything that was put so far is with the receiver, once. */
static bool all_once(int put)
{
    inbox_fetch(&inbox);
    return inbox.fetched == put && !inbox.wrong && spool_files(dir, "queue", pool) == 0;
}

static void test_crashes(int documents)
{
    crash_t end;
    int n = 0;
    bool good = true;

    inbox.fetched = inbox.wrong = 0;
    inbox.documents = documents;
    do {
        inbox_put_documents(box, AUTHORITY, now, documents, pool);
        end = crash_after(n, run, NULL);
        inbox_fetch(&inbox);
        if (n % 5 == 0) { /* and whoever continues dies, too */
            crash_after(n * 7 % 150, run, NULL);
            inbox_fetch(&inbox);
        }
        run(NULL);
        good = good && all_once(n + 1);
    } while (good && end == CRASH_KILLED && ++n < 2000);
    if (end == CRASH_UNABLE) {
        skip(3, "ptrace is not allowed here");
        return;
    }
    is_int(end, CRASH_FINISHED, "a delivery was killed after each of its system calls, and again");
    ok(good, documents ? "every message appeared once, with its documents, though fetched at once"
                       : "every message appeared once, though fetched at once");
    is_int(staged() + scratch_count(inbox.folder), 1, "nothing is left behind");
    printf("# %d documents, %d system calls\n", documents, n);
}

static void test_fetched_meanwhile(int documents)
{
    crash_t end;
    int n = 0, put = 0;
    bool good = true;

    inbox.fetched = inbox.wrong = 0;
    inbox.documents = documents;
    do {
        inbox_put_documents(box, AUTHORITY, now, documents, pool);
        end = crash_meanwhile(n, run, &inbox, inbox_fetch);
        good = good && all_once(++put);
        n += 3;
    } while (good && end == CRASH_KILLED && n < 2000);
    if (end == CRASH_UNABLE) {
        skip(3, "ptrace is not allowed here");
        return;
    }
    is_int(end, CRASH_FINISHED, "the receiver came after every third system call");
    ok(good, documents ? "every message appeared once, with its documents"
                       : "every message appeared once");
    is_int(staged() + scratch_count(inbox.folder), 1, "nothing is left behind");
}

int main(void)
{
    pool = tap_begin();
    dir = scratch_make_fast(pool);
    box = spool_box(dir, scratch_keys(dir, "a", pool), pool);
    now = apr_time_now();
    inbox = (inbox_t){.folder = apr_pstrcat(pool, dir, "/inbox", NULL), .pool = pool};
    mkdir(inbox.folder, 0700);
    eb_directory_transport(&transport, inbox.folder, pool);
    test_way();
    test_again();
    test_tampering();
    test_moved();
    test_closed();
    test_crashes(0);
    test_crashes(3);
    test_fetched_meanwhile(0);
    test_fetched_meanwhile(3);
    scratch_remove(dir);
    return done();
}
