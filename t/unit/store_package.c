/* Packages that are larger than memory should be: put as a stream, read anywhere, and every change
 * of the file noticed. */
#include "store/outbox.h"
#include "base/chunk.h"
#include "tap.h"
#include "bytes.h"
#include "memory.h"
#include "scratch.h"
#include "spool.h"

#include <apr_errno.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>

static const char *dir;
static eb_outbox_t *box;
static eb_problem_t *problem;
static apr_time_t now;

static const char *file_of(const eb_job_t *job, apr_pool_t *pool)
{
    return apr_psprintf(pool, "%s/spool/%s/queue/%s.package", dir, AUTHORITY, job->uuid);
}

static apr_status_t put_made(eb_job_t *job, apr_uint64_t seed, apr_uint64_t len, apr_pool_t *pool)
{
    bytes_t package = bytes_made(seed, len);
    *job = spool_job(now);
    problem = NULL;
    return box->engine->put(box, job, &package.source, &problem, pool);
}

/* All of it in blocks of `step`, and that there is no more. */
static bool reads_back(eb_reader_t *reader, apr_uint64_t seed, apr_size_t step, apr_pool_t *pool)
{
    char *block = apr_palloc(pool, step);

    for (apr_uint64_t from = 0; from < reader->len; from += step) {
        apr_size_t n = reader->len - from < step ? (apr_size_t)(reader->len - from) : step;
        if (reader->at(reader, from, block, n, &problem, pool) || !bytes_same(block, seed, from, n))
            return false;
    }
    return reader->at(reader, reader->len, block, 1, &problem, pool) == APR_EOF;
}

/* Around the borders of pieces. */
static void test_lengths(apr_pool_t *pool)
{
    static const apr_uint64_t lengths[] = {
        0, 1, EB_CHUNK_LEN - 1, EB_CHUNK_LEN, EB_CHUNK_LEN + 1, 2 * EB_CHUNK_LEN, 1000000};

    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        eb_reader_t *reader;
        eb_job_t job;
        struct stat info;
        apr_uint64_t len = lengths[i];

        is_int(put_made(&job, i, len, pool), APR_SUCCESS, "put");
        if (!is_int(box->engine->read(&reader, box, &job, &problem, pool), APR_SUCCESS, "opened"))
            continue;
        is_int((long long)reader->len, (long long)len, "of its length");
        ok(reads_back(reader, i, 4096, pool) && reads_back(reader, i, 100001, pool), "read back");
        stat(file_of(&job, pool), &info);
        ok((apr_uint64_t)info.st_size < len + eb_chunk_count(len) * EB_SEAL_OVERHEAD + 1000,
           "sealed, it is little longer");
        unlink(file_of(&job, pool));
    }
}

static void test_anywhere(apr_pool_t *pool)
{
    const apr_uint64_t len = 5 * EB_CHUNK_LEN + 77;
    char *block = apr_palloc(pool, 3 * EB_CHUNK_LEN);
    eb_reader_t *reader;
    eb_job_t job;
    bool good = true;

    put_made(&job, 9, len, pool);
    box->engine->read(&reader, box, &job, &problem, pool);
    for (apr_uint64_t i = 0; i < 300; i++) {
        apr_uint64_t from = i * 7919 % len;
        apr_size_t most = (apr_size_t)(i * 104729 % (3 * EB_CHUNK_LEN));
        apr_size_t n = len - from < most ? (apr_size_t)(len - from) : most;
        good = good && !reader->at(reader, from, block, n, &problem, pool) &&
               bytes_same(block, 9, from, n);
    }
    ok(good, "read in any order, across pieces");
    is_int(reader->at(reader, len - 1, block, 2, &problem, pool), APR_EOF, "not beyond the end");
    is_int(reader->at(reader, APR_UINT64_MAX, block, 2, &problem, pool), APR_EOF, "not far beyond");
    is_int(reader->at(reader, len, block, 0, &problem, pool), APR_SUCCESS, "nothing, at the end");
    unlink(file_of(&job, pool));
}

/* Opening and reading it all fails, with a problem that says it of the package. */
static bool refused(const eb_job_t *job, apr_uint64_t seed, apr_pool_t *pool)
{
    apr_pool_t *sub;
    eb_reader_t *reader;

    apr_pool_create(&sub, pool);
    problem = NULL;
    bool good = !box->engine->read(&reader, box, job, &problem, sub) &&
                reads_back(reader, seed, 50000, sub);
    bool named =
        problem && (problem->number == EB_P_PACKAGE_BROKEN || problem->number == EB_P_PACKAGE_KEY);
    apr_pool_destroy(sub);
    return !good && named;
}

static void flip(int fd, off_t place)
{
    char byte = 0;
    if (pread(fd, &byte, 1, place) == 1) {
        byte ^= 0x10;
        pwrite(fd, &byte, 1, place);
    }
}

/* Every byte of a small one, and bytes here and there of one of three pieces. */
static void test_changed(apr_pool_t *pool)
{
    static const apr_uint64_t lengths[] = {40, 2 * EB_CHUNK_LEN + 5};
    static const off_t steps[] = {1, 1499};

    for (int i = 0; i < 2; i++) {
        eb_job_t job, *got;
        struct stat info;
        bool all = true;

        put_made(&job, 3, lengths[i], pool);
        int fd = open(file_of(&job, pool), O_RDWR);
        fstat(fd, &info);
        for (off_t place = 0; place < info.st_size; place += steps[i]) {
            flip(fd, place);
            all = all && refused(&job, 3, pool);
            flip(fd, place);
        }
        ok(all, "no byte of a package can be changed");
        ok(!refused(&job, 3, pool), "unchanged, it is good");
        ftruncate(fd, 6);
        close(fd);
        is_int(box->engine->take(&got, box, AUTHORITY, now + apr_time_from_sec(60), &problem, pool),
               APR_SUCCESS, "without a head it is still a job"); /* just changed, so just due */
        ok(got->state == EB_JOB_HELD && !*got->number, "held, without a number");
        box->engine->release(box, got);
        is_int(box->engine->find(&got, box, AUTHORITY, job.uuid, &problem, pool), APR_SUCCESS,
               "it is found");
        unlink(file_of(&job, pool));
        unlink(apr_psprintf(pool, "%s/spool/%s/queue/%s.job", dir, AUTHORITY, job.uuid));
    }
}

/* Cut or grown, a package does not even open; so its length is true before it is read. */
static void test_cut(apr_pool_t *pool)
{
    eb_reader_t *reader;
    eb_job_t job;
    struct stat info;
    bool all = true;

    put_made(&job, 4, 3 * EB_CHUNK_LEN, pool);
    int fd = open(file_of(&job, pool), O_RDWR);
    fstat(fd, &info);
    const off_t lengths[] = {info.st_size - 1,
                             info.st_size - EB_CHUNK_SEALED_LEN,
                             info.st_size - EB_CHUNK_SEALED_LEN + 10,
                             info.st_size - 3 * (off_t)EB_CHUNK_SEALED_LEN,
                             700,
                             12,
                             0,
                             info.st_size + 1,
                             info.st_size + EB_CHUNK_SEALED_LEN};
    char *whole = apr_palloc(pool, info.st_size);
    pread(fd, whole, info.st_size, 0);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        ftruncate(fd, lengths[i]);
        problem = NULL;
        all = all && box->engine->read(&reader, box, &job, &problem, pool) && problem &&
              problem->number == EB_P_PACKAGE_BROKEN;
        ftruncate(fd, info.st_size);
        pwrite(fd, whole, info.st_size, 0);
    }
    ok(all, "cut or grown, it is refused when it is opened");
    ok(!refused(&job, 4, pool), "whole again, it is good");

    /* its first two pieces change places */
    off_t start = info.st_size - 3 * (off_t)EB_CHUNK_SEALED_LEN;
    pwrite(fd, whole + start + EB_CHUNK_SEALED_LEN, EB_CHUNK_SEALED_LEN, start);
    pwrite(fd, whole + start, EB_CHUNK_SEALED_LEN, start + EB_CHUNK_SEALED_LEN);
    ok(refused(&job, 4, pool), "pieces that changed places");
    close(fd);
    unlink(file_of(&job, pool));
}

/* A source that breaks off leaves nothing, and says why itself. */
static void test_source_fails(apr_pool_t *pool)
{
    static const struct {
        apr_status_t said, heard;
    } cases[] = {
        {APR_NOTFOUND, APR_NOTFOUND}, {APR_EGENERAL, APR_EGENERAL}, {APR_EEXIST, APR_EGENERAL}};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bytes_t package = bytes_made(1, 200000);
        eb_job_t job = spool_job(now), *got;
        package.failure = cases[i].said;
        problem = NULL;
        is_int(box->engine->put(box, &job, &package.source, &problem, pool), cases[i].heard,
               "a source fails");
        ok(!problem, "which is no problem of the spool");
        is_int(box->engine->find(&got, box, AUTHORITY, job.uuid, &problem, pool), APR_NOTFOUND,
               "nothing was put");
        is_int(spool_files(dir, "tmp", pool), 0, "nothing is left");
    }
}

/* In a child with files of at most half the package. */
static void test_write_fails(apr_pool_t *pool)
{
    int status = -1;
    eb_job_t job;

    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &(struct rlimit){150000, 150000});
        _exit(put_made(&job, 1, 300000, pool) && problem ? (int)problem->number : 255);
    }
    waitpid(pid, &status, 0);
    is_int(WEXITSTATUS(status), EB_P_SPOOL_WRITE, "a write fails in the middle");
    is_int(spool_files(dir, "tmp", pool), 0, "and nothing is left");
}

static void test_full(apr_pool_t *pool)
{
    const char *small = apr_pstrcat(pool, dir, "/small", NULL);
    bytes_t package = bytes_made(1, 1000000), less = bytes_made(2, 300000);
    eb_outbox_t *tiny;
    eb_job_t job = spool_job(now), *got;

    mkdir(small, 0700);
    if (mount("tmpfs", small, "tmpfs", 0, "size=600k,nr_inodes=64")) {
        skip(4, "cannot mount a small tmpfs");
        return;
    }
    eb_spool_open(&tiny, small, box->keys, &problem, pool);
    problem = NULL;
    is_int(tiny->engine->put(tiny, &job, &package.source, &problem, pool), APR_ENOSPC,
           "the disk is full in the middle of a package");
    ok(problem && problem->number == EB_P_SPOOL_FULL, "EB0409");
    is_int(tiny->engine->find(&got, tiny, AUTHORITY, job.uuid, &problem, pool), APR_NOTFOUND,
           "it is not there");
    is_int(tiny->engine->put(tiny, &job, &less.source, &problem, pool), APR_SUCCESS,
           "and its room is free for a smaller one");
    umount2(small, MNT_DETACH);
    rmdir(small);
}

/* In and out, in a child whose memory is looked at. */
static int put_and_read(void *baton)
{
    apr_uint64_t len = *(apr_uint64_t *)baton;
    apr_pool_t *pool;
    eb_reader_t *reader;
    eb_job_t job;

    apr_pool_create(&pool, NULL);
    return put_made(&job, 5, len, pool) || box->engine->read(&reader, box, &job, &problem, pool) ||
           !reads_back(reader, 5, 32768, pool) || unlink(file_of(&job, pool));
}

static void test_memory(void)
{
    apr_uint64_t small = 200000, large = 80 * 1000 * 1000;
    memory_ok(put_and_read, &small, &large, 256, "80 MB need no more memory than 200 kB");
}

int main(void)
{
    apr_pool_t *pool = tap_begin();

    dir = scratch_make_fast(pool);
    box = spool_box(dir, scratch_keys(dir, "a", pool), pool);
    now = apr_time_now();
    test_lengths(pool);
    test_anywhere(pool);
    test_changed(pool);
    test_cut(pool);
    test_source_fails(pool);
    test_write_fails(pool);
    test_full(pool);
    test_memory();
    scratch_remove(dir);
    return done();
}
