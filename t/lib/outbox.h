/* What every outbox does, whichever engine keeps it: the same tests for all of them. A rig says how
 * a hand from outside gets at what the engine has stored. */
#ifndef TEST_OUTBOX_H
#define TEST_OUTBOX_H

#include "spool.h"

#include <apr_errno.h>

typedef struct outbox_rig_t {
    eb_outbox_t *box;
    const eb_keyring_t *keys;
    const char *dir;
    apr_time_t now;
    int (*waiting)(apr_pool_t *pool), (*records)(apr_pool_t *pool);
    /* The stored state of a job: replaced by `text`, and as it is; and what was set aside. */
    void (*spoil)(const eb_job_t *job, const char *text, apr_pool_t *pool);
    const char *(*stored)(const eb_job_t *job, apr_pool_t *pool);
    const char *(*aside)(const eb_job_t *job, apr_pool_t *pool);
    void (*damage)(const eb_job_t *job, apr_pool_t *pool); /* one byte of the package */
    void (*remove)(const eb_job_t *job, apr_pool_t *pool); /* all of the job */
    const char *(*journal)(apr_pool_t *pool);              /* all of it */
} outbox_rig_t;

static outbox_rig_t rig;
static eb_problem_t *problem;
static const apr_time_t second = APR_USEC_PER_SEC;

static apr_status_t take(eb_job_t **job, apr_time_t at, apr_pool_t *pool)
{
    problem = NULL;
    return rig.box->engine->take(job, rig.box, AUTHORITY, at, &problem, pool);
}

static apr_status_t find(eb_job_t **job, const char *uuid, apr_pool_t *pool)
{
    problem = NULL;
    return rig.box->engine->find(job, rig.box, AUTHORITY, uuid, &problem, pool);
}

static apr_status_t put(eb_job_t *job, apr_pool_t *pool)
{
    problem = NULL;
    return spool_put(rig.box, job, &problem, pool);
}

static apr_status_t save(eb_job_t *job, apr_pool_t *pool)
{
    problem = NULL;
    return rig.box->engine->save(rig.box, job, &problem, pool);
}

static void release(eb_job_t *job)
{
    rig.box->engine->release(rig.box, job);
}

/* The due job is `want`, and stays held. */
static eb_job_t *take_it(const eb_job_t *want, apr_time_t at, const char *name, apr_pool_t *pool)
{
    eb_job_t *job = NULL;
    if (take(&job, at, pool) != APR_SUCCESS) {
        ok(false, name);
        printf("# %s\n", problem ? eb_problem_text(problem, pool) : "nothing due");
        exit(1);
    }
    is_str(job->uuid, want->uuid, name);
    return job;
}

static void finish(eb_job_t *job, apr_pool_t *pool)
{
    job->state = EB_JOB_CONFIRMED;
    is_int(save(job, pool), APR_SUCCESS, "confirmed");
    is_int(rig.box->engine->purge(rig.box, job, &problem, pool), APR_SUCCESS, "purged");
    release(job);
}

static void outbox_empty(apr_pool_t *pool)
{
    eb_job_t job = spool_job(rig.now), *got;
    apr_array_header_t *list;

    is_int(find(&got, job.uuid, pool), APR_NOTFOUND, "nothing in an empty outbox");
    ok(!problem, "which is no problem");
    is_int(take(&got, rig.now, pool), APR_EOF, "nothing due");
    is_int(rig.box->engine->list(&list, rig.box, AUTHORITY, &problem, pool), APR_SUCCESS, "a list");
    is_int(list->nelts, 0, "of nothing");
    job.authority = "../x";
    ok(put(&job, pool) == APR_EINVAL && problem, "an authority that is a path");
    job.authority = "";
    ok(put(&job, pool) == APR_EINVAL && problem, "none at all");
    job.authority = AUTHORITY;
    strcpy(job.uuid, "../../x");
    ok(put(&job, pool) == APR_EINVAL && problem, "a UUID that is none");
    is_int(find(&got, "../../x", pool), APR_NOTFOUND, "which is not looked for either");
}

static void outbox_life(apr_pool_t *pool)
{
    const apr_time_t now = rig.now;
    eb_job_t job = spool_job(now), again = job, *got, *first;

    is_int(put(&job, pool), APR_SUCCESS, "accepted");
    again.accepted = now + 5 * second;
    is_int(put(&again, pool), APR_EEXIST, "the same UUID again");
    is_int(again.accepted, now, "was accepted then");
    ok(!problem, "which is no problem");
    is_int(find(&got, job.uuid, pool), APR_SUCCESS, "found");
    ok(got->state == EB_JOB_QUEUED && got->accepted == now && !strcmp(got->number, job.number),
       "as it was put");
    is_int(rig.box->engine->find(&got, rig.box, "05711001", job.uuid, &problem, pool), APR_NOTFOUND,
           "not with another authority");

    is_int(take(&got, now - second, pool), APR_EOF, "not before it was accepted");
    first = take_it(&job, now, "taken", pool);
    is_int(take(&got, now, pool), APR_EOF, "by one only");
    ok(spool_same(rig.box, first, &problem, pool), "read: what was put");
    again = *first;
    again.engine = NULL;
    ok(spool_same(rig.box, &again, &problem, pool), "by somebody who does not hold it, too");

    first->state = EB_JOB_SUBMITTED;
    first->remote = "{\"file\":\"x\"}";
    first->due = now + 60 * second;
    is_int(save(first, pool), APR_SUCCESS, "saved");
    release(first);
    is_int(take(&got, now + 59 * second, pool), APR_EOF, "not before it is due");
    first = take_it(&job, now + 60 * second, "taken again", pool);
    is_int(first->state, EB_JOB_SUBMITTED, "where it was left");
    is_str(first->remote, "{\"file\":\"x\"}", "with the transport's memory");
    is_int(rig.box->engine->purge(rig.box, first, &problem, pool), APR_EINVAL,
           "not purged unconfirmed");
    is_int(first->state, EB_JOB_SUBMITTED, "and unchanged by the attempt");
    finish(first, pool);
    is_int(rig.waiting(pool), 0, "nothing waits");
    is_int(rig.records(pool), 1, "the record stays");
    is_int(take(&got, now + 7200 * second, pool), APR_EOF, "never again");
    again = spool_job(now + second);
    strcpy(again.uuid, job.uuid);
    is_int(put(&again, pool), APR_EEXIST, "even long after");
    ok(again.accepted == now && again.state == EB_JOB_PURGED && !strcmp(again.number, job.number),
       "the first receipt comes back");
    is_int(find(&got, job.uuid, pool), APR_SUCCESS, "and is found");
    is_int(got->state, EB_JOB_PURGED, "as purged");
    is_int(rig.waiting(pool), 0, "nothing was put");
}

static void outbox_order(apr_pool_t *pool)
{
    eb_job_t jobs[3], *got[3], *none;
    apr_array_header_t *list;

    for (int i = 0; i < 3; i++) {
        jobs[i] = spool_job(rig.now + (2 - i) * second);
        put(&jobs[i], pool);
    }
    for (int i = 0; i < 3; i++)
        got[i] = take_it(&jobs[2 - i], rig.now + 9 * second, "longest due first", pool);
    is_int(take(&none, rig.now + 9 * second, pool), APR_EOF, "no more");
    is_int(rig.box->engine->list(&list, rig.box, AUTHORITY, &problem, pool), APR_SUCCESS, "listed");
    is_int(list->nelts, 3, "all three");
    for (int i = 0; i < 3; i++)
        finish(got[i], pool);
    rig.box->engine->list(&list, rig.box, AUTHORITY, &problem, pool);
    is_int(list->nelts, 0, "and none");
}

/* More jobs than fit into any page, of which the first are held by others. */
static void outbox_many(apr_pool_t *pool)
{
    enum { MANY = 250, BUSY = 70 };
    eb_job_t *held[BUSY] = {NULL}, *got;
    apr_array_header_t *list;
    bool good = true;
    int delivered = 0;

    for (int i = 0; i < MANY; i++) {
        eb_job_t job = spool_job(rig.now + i);
        good = good && put(&job, pool) == APR_SUCCESS;
    }
    ok(good, "many are accepted");
    for (int i = 0; i < BUSY; i++)
        good = good && take(&held[i], rig.now + second, pool) == APR_SUCCESS &&
               held[i]->accepted == rig.now + i;
    ok(good, "many are taken at once, in their order");
    rig.box->engine->list(&list, rig.box, AUTHORITY, &problem, pool);
    is_int(list->nelts, MANY, "all are listed");
    for (int i = 0; i < BUSY && held[i]; i++)
        rig.box->engine->release(rig.box, held[i]);
    for (int i = 0; i < MANY; i++) {
        if (take(&got, rig.now + second, pool) != APR_SUCCESS)
            break;
        got->state = EB_JOB_CONFIRMED;
        delivered += rig.box->engine->purge(rig.box, got, &problem, pool) == APR_SUCCESS;
        release(got);
    }
    is_int(delivered, MANY, "and all are delivered");
    is_int(take(&got, rig.now + second, pool), APR_EOF, "to the last");
}

static void outbox_clock(apr_pool_t *pool)
{
    eb_job_t job = spool_job(rig.now), *got;

    put(&job, pool);
    is_int(take(&got, rig.now - 1800 * second, pool), APR_EOF, "half an hour early is early");
    got =
        take_it(&job, rig.now - 800 * 86400 * second, "two years early is a clock set back", pool);
    finish(got, pool);
}

/* As when the worker's thread is done with everything, however it got there. */
static void outbox_let_go(apr_pool_t *pool)
{
    eb_job_t job = spool_job(rig.now), *got;
    apr_pool_t *sub;

    put(&job, pool);
    apr_pool_create(&sub, pool);
    take_it(&job, rig.now, "taken", sub);
    is_int(take(&got, rig.now, pool), APR_EOF, "held");
    apr_pool_destroy(sub);
    got = take_it(&job, rig.now, "and free when its pool has gone", pool);
    finish(got, pool);
}

static void outbox_source(apr_pool_t *pool)
{
    eb_job_t job = spool_job(rig.now), *got;
    bytes_t package = bytes_made(7, 200000);

    package.lacks = 1000;
    package.failure = APR_EOF;
    is_int(rig.box->engine->put(rig.box, &job, &package.source, &problem, pool), APR_EOF,
           "a source that fails");
    package.failure = APR_EEXIST;
    is_int(rig.box->engine->put(rig.box, &job, &package.source, &problem, pool), APR_EGENERAL,
           "is not taken for an application that is there");
    is_int(find(&got, job.uuid, pool), APR_NOTFOUND, "nothing was put");
    is_int(take(&got, rig.now, pool), APR_EOF, "and nothing is due");
}

static void outbox_long(apr_pool_t *pool)
{
    enum { LONG = 300001 };
    eb_job_t job = spool_job(rig.now), *got;
    bytes_t package = bytes_made(11, LONG);
    char *all = apr_palloc(pool, LONG);
    eb_reader_t *reader;

    is_int(rig.box->engine->put(rig.box, &job, &package.source, &problem, pool), APR_SUCCESS,
           "a package of several pieces");
    got = take_it(&job, rig.now, "taken", pool);
    is_int(rig.box->engine->read(&reader, rig.box, got, &problem, pool), APR_SUCCESS, "opened");
    ok(reader->len == LONG, "of its length");
    ok(!reader->at(reader, 0, all, LONG, &problem, pool) && bytes_same(all, 11, 0, LONG), "whole");
    ok(!reader->at(reader, 65530, all, 12, &problem, pool) && bytes_same(all, 11, 65530, 12),
       "across an edge");
    is_int(reader->at(reader, LONG - 1, all, 2, &problem, pool), APR_EOF, "not beyond its end");
    rig.damage(got, pool);
    apr_status_t rv = rig.box->engine->read(&reader, rig.box, got, &problem, pool);
    if (!rv)
        rv = reader->at(reader, 0, all, LONG, &problem, pool);
    ok(rv && problem->number == EB_P_PACKAGE_BROKEN, "a changed byte is noticed");
    finish(got, pool);
}

static void outbox_poison(apr_pool_t *pool)
{
    static const char *const texts[] = {"", "{", "[]", "\xFF\xFE", "{\"format\": 1}"};
    const apr_time_t now = rig.now;
    eb_job_t good = spool_job(now + second), *got, *other;

    put(&good, pool);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        eb_job_t job = spool_job(now);
        put(&job, pool);
        rig.spoil(&job, texts[i], pool);
        is_int(find(&got, job.uuid, pool), APR_SUCCESS, "poison is found");
        ok(got->state == EB_JOB_HELD && got->accepted == now, "as held, and when it was accepted");
        got = take_it(&job, now, "it comes out", pool);
        ok(got->state == EB_JOB_HELD && got->before == EB_JOB_HELD, "held");
        is_str(got->problem_id, "EB0412", "with its problem");
        is_str(got->number, job.number, "its number");
        is_int(got->accepted, now, "and when it was accepted");
        is_str(rig.aside(&job, pool), texts[i], "the bad state is kept");
        got->due = now + 900 * second;
        save(got, pool);
        release(got);
        other = take_it(&good, now + second, "others go on", pool);
        got = take_it(&job, now + 900 * second, "later it is a job again", pool);
        is_int(got->before, EB_JOB_HELD, "about which nobody knows");
        finish(got, pool);
        release(other);
        rig.remove(&job, pool);
    }
    got = take_it(&good, now + second, "and the good one", pool);
    finish(got, pool);
}

static void outbox_newer(apr_pool_t *pool)
{
    const char *text = "{\"format\": 2, \"wonderful\": true}";
    eb_job_t job = spool_job(rig.now), *got;

    put(&job, pool);
    rig.spoil(&job, text, pool);
    got = take_it(&job, rig.now, "a newer job comes out", pool);
    is_str(got->problem_id, "EB0413", "with its problem");
    got->due = rig.now + 900 * second;
    is_int(save(got, pool), APR_SUCCESS, "is postponed");
    release(got);
    is_int(take(&got, rig.now + 800 * second, pool), APR_EOF, "for a while");
    is_str(rig.stored(&job, pool), text, "and its state left alone");
    rig.remove(&job, pool);
}

static void outbox_keys(apr_pool_t *pool)
{
    eb_job_t job = spool_job(rig.now), *got;
    eb_reader_t *package;

    put(&job, pool);
    got = take_it(&job, rig.now, "taken", pool);
    rig.box->keys = scratch_keys(rig.dir, "n", pool);
    ok(rig.box->engine->read(&package, rig.box, got, &problem, pool) != APR_SUCCESS,
       "without its key");
    is_int(problem->number, EB_P_PACKAGE_KEY, "the problem says so");
    rig.box->keys = scratch_keys(rig.dir, "na", pool);
    ok(spool_same(rig.box, got, &problem, pool), "with the new key in front of the old one");
    rig.box->keys = rig.keys;
    finish(got, pool);
}

static void outbox_journal(apr_pool_t *pool)
{
    eb_job_t job = spool_job(rig.now);
    int tabs = 0, lines = 0;

    job.changed = rig.now;
    is_int(eb_journal_write(rig.box, &job, "submitted", "a\tb\nc", &problem, pool), APR_SUCCESS,
           "a line in the journal");
    const char *text = rig.journal(pool);
    for (const char *c = text; *c; c++) {
        tabs += *c == '\t';
        lines += *c == '\n';
    }
    is_int(lines, 1, "and only one");
    is_int(tabs, 6, "seven fields");
    ok(strstr(text, job.uuid) && strstr(text, job.number) && strstr(text, "\tsubmitted\t"),
       "with the names and the step");
    ok(strstr(text, "\ta?b?c\n"), "and nothing that makes fields or lines");
}

static void outbox_all(apr_pool_t *pool)
{
    static void (*const tests[])(apr_pool_t *) = {
        outbox_empty,  outbox_life, outbox_order,  outbox_many,  outbox_clock, outbox_let_go,
        outbox_source, outbox_long, outbox_poison, outbox_newer, outbox_keys,  outbox_journal};

    printf("# engine %s\n", rig.box->engine->name);
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        tests[i](pool);
}

#endif
