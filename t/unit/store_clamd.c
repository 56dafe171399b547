/* clamd: a file is clean when it says so, and only then. Against a server that plays every part,
 * the scripted clamd of the other tests, and a real one where there is one. */
#include "store/scanner.h"
#include "tap.h"
#include "scratch.h"

#include <apr_errno.h>
#include <openssl/evp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

enum { BIG = 3 * 1000 * 1000 };

static const char *dir, *socket_path;
static eb_scanner_t *scanner;
static eb_problem_t *problem;
static unsigned char *text;

/* In two parts, so that no scanner finds this file. */
static const char eicar[] = "X5O!P%@AP[4\\PZX54(P^)7CC)7}"
                            "$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";

/* One connection of the fake, served by a thread. */
typedef struct fake_t {
    int listener, fd, connections;
    void (*part)(struct fake_t *);
    const char *answer;
    size_t answer_len;
    char command[16];
    unsigned char *got;
    size_t got_len;
    int pieces;
    bool end;
} fake_t;

static fake_t fake;

static bool read_exactly(int fd, void *out, size_t len)
{
    for (size_t at = 0; at < len;) {
        ssize_t n = read(fd, (char *)out + at, len - at);
        if (n <= 0)
            return false;
        at += n;
    }
    return true;
}

static void read_command(fake_t *f)
{
    size_t n = 0;
    while (n < sizeof f->command - 1 && read_exactly(f->fd, f->command + n, 1) && f->command[n])
        n++;
    f->command[n] = '\0';
}

static bool read_piece(fake_t *f)
{
    unsigned char head[4];
    if (!read_exactly(f->fd, head, 4))
        return false;
    size_t len =
        (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | (size_t)head[3];
    f->end = len == 0;
    if (f->end || f->got_len + len > BIG || !read_exactly(f->fd, f->got + f->got_len, len))
        return false;
    f->got_len += len;
    f->pieces++;
    return true;
}

static void reply(fake_t *f)
{
    if (send(f->fd, f->answer, f->answer_len, MSG_NOSIGNAL) < 0)
        printf("# the fake could not answer\n");
}

static void until_hung_up(fake_t *f)
{
    struct pollfd p = {.fd = f->fd};
    poll(&p, 1, 10000);
}

static void part_polite(fake_t *f)
{
    read_command(f);
    while (read_piece(f))
        ;
    reply(f);
}

static void part_ping(fake_t *f)
{
    read_command(f);
    reply(f);
}

static void part_stutter(fake_t *f)
{
    read_command(f);
    while (read_piece(f))
        ;
    for (size_t i = 0; i < f->answer_len; i++) {
        usleep(2000);
        send(f->fd, f->answer + i, 1, MSG_NOSIGNAL);
    }
}

static void part_silent(fake_t *f)
{
    read_command(f);
    while (read_piece(f))
        ;
    until_hung_up(f);
}

static void part_deaf(fake_t *f)
{
    until_hung_up(f);
}

/* Answers after the first piece and hangs up with much unread. */
static void part_hasty(fake_t *f)
{
    read_command(f);
    read_piece(f);
    reply(f);
}

/* Reads no more, and says why when the other side has noticed. */
static void part_closed_ears(fake_t *f)
{
    read_command(f);
    read_piece(f);
    shutdown(f->fd, SHUT_RD);
    usleep(120000);
    reply(f);
    until_hung_up(f);
}

/* The same, but lets the other side wait for room. */
static void part_stuck(fake_t *f)
{
    read_command(f);
    usleep(50000);
    reply(f);
    until_hung_up(f);
}

/* Answers before anything was sent, then listens politely. */
static void part_prophet(fake_t *f)
{
    read_command(f);
    reply(f);
    while (read_piece(f))
        ;
    until_hung_up(f);
}

static void part_cut(fake_t *f)
{
    read_command(f);
    read_piece(f);
}

static int listen_at(const char *path, int backlog)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    unlink(path);
    strcpy(address.sun_path, path);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, backlog)) {
        printf("Bail out! no socket\n");
        exit(1);
    }
    return fd;
}

static void *serve(void *data)
{
    fake_t *f = data;
    for (int i = 0; i < f->connections; i++) {
        f->fd = accept(f->listener, NULL, NULL);
        f->got_len = 0;
        f->pieces = 0;
        f->part(f);
        close(f->fd);
    }
    return NULL;
}

static pthread_t fake_begin(void (*part)(fake_t *), const char *answer, size_t answer_len)
{
    static unsigned char got[BIG];
    pthread_t thread;

    fake = (fake_t){.listener = listen_at(socket_path, 16),
                    .connections = 1,
                    .part = part,
                    .answer = answer,
                    .answer_len = answer_len,
                    .got = got};
    pthread_create(&thread, NULL, serve, &fake);
    return thread;
}

static void fake_end(pthread_t thread)
{
    pthread_join(thread, NULL);
    close(fake.listener);
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static eb_verdict_t scan(const eb_scanner_t *with, const void *data, apr_size_t len,
                         apr_size_t step, eb_problem_t **why, apr_pool_t *pool)
{
    apr_pool_t *sub;
    bool took = true;

    apr_pool_create(&sub, pool);
    eb_scan_t *s = with->begin(with, sub);
    for (apr_size_t at = 0; at < len; at += step)
        took = !s->sink.take(&s->sink, (const char *)data + at, step < len - at ? step : len - at,
                             NULL, sub) &&
               took;
    *why = NULL;
    eb_verdict_t verdict = with->finish(s, why, pool);
    apr_pool_destroy(sub);
    return took ? verdict : (eb_verdict_t)-1;
}

static eb_verdict_t play(void (*part)(fake_t *), const char *answer, size_t answer_len,
                         apr_size_t len, apr_pool_t *pool)
{
    pthread_t thread = fake_begin(part, answer, answer_len);
    eb_verdict_t verdict = scan(scanner, text, len, 8000, &problem, pool);
    fake_end(thread);
    return verdict;
}

static bool says(eb_problem_id_t number, const char *words)
{
    bool good = problem && problem->number == number && strstr(problem->what, words);
    if (!good)
        printf("# %s %s\n", problem ? problem->id : "no problem", problem ? problem->what : "");
    return good;
}

static void test_clean(apr_pool_t *pool)
{
    static const apr_size_t sizes[] = {0, 1, 8000, 8001, BIG};
    static const apr_size_t steps[] = {1000, 65536, BIG};

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        bool same = true;
        for (size_t j = 0; j < sizeof steps / sizeof *steps; j++) {
            pthread_t thread = fake_begin(part_polite, "stream: OK", 11);
            same =
                scan(scanner, text, sizes[i], steps[j], &problem, pool) == EB_VERDICT_CLEAN && same;
            fake_end(thread);
            same = same && !problem && fake.end && fake.got_len == sizes[i] &&
                   !memcmp(fake.got, text, sizes[i]) && !strcmp(fake.command, "zINSTREAM");
        }
        ok(same, apr_psprintf(pool, "clean: %d bytes, seen exactly as they are", (int)sizes[i]));
    }
    is_int(play(part_stutter, "stream: OK", 11, 10, pool), EB_VERDICT_CLEAN,
           "an answer letter by letter");

    pthread_t thread = fake_begin(part_polite, "stream: OK", 11);
    eb_scan_t *s = scanner->begin(scanner, pool);
    s->sink.take(&s->sink, "ab", 2, NULL, pool);
    s->sink.take(&s->sink, "", 0, NULL, pool);
    s->sink.take(&s->sink, "cd", 2, NULL, pool);
    is_int(scanner->finish(s, &problem, pool), EB_VERDICT_CLEAN, "an empty piece in the middle");
    fake_end(thread);
    ok(fake.got_len == 4 && !memcmp(fake.got, "abcd", 4), "is not the end");
}

static void test_found(apr_pool_t *pool)
{
    is_int(play(part_polite, "stream: Win.Test.EICAR_HDB-1 FOUND", 35, 100, pool), EB_VERDICT_FOUND,
           "found");
    ok(says(EB_P_SCANNER_FOUND, "Win.Test.EICAR_HDB-1"), "by its name");
    ok(!strstr(problem->what, "FOUND"), "without the rest");
    is_int(play(part_polite, "stream: a\n\t\xC3\xA4\x1B[2J FOUND", 24, 100, pool), EB_VERDICT_FOUND,
           "a name with odd characters");
    ok(says(EB_P_SCANNER_FOUND, "found a?????[2J"), "without them");
    char *longest = apr_psprintf(pool, "stream: %0400d FOUND", 0);
    is_int(play(part_polite, longest, strlen(longest) + 1, 100, pool), EB_VERDICT_FOUND,
           "a long name");
    ok(problem && strlen(problem->what) < 130, "is cut");
    is_int(play(part_hasty, "stream: X FOUND", 16, BIG, pool), EB_VERDICT_FOUND,
           "found before the end is found");
    ok(says(EB_P_SCANNER_FOUND, "found X"), "by its name");
}

static void test_unknown(apr_pool_t *pool)
{
    static const struct {
        const char *answer;
        size_t len;
    } strange[] = {
        {"stream: OK", 10},
        {"stream: OK\n", 11},
        {"stream: OK\n", 12},
        {"stream: OK\0", 12},
        {"stream: OK ", 12},
        {" stream: OK", 12},
        {"stream: OKAY", 13},
        {"Stream: OK", 11},
        {"stream:OK", 10},
        {"OK", 3},
        {"", 1},
        {"\0stream: OK", 12},
        {"stream: FOUND", 14},
        {"stream:  FOUND", 14},
        {"stream: X FOUND", 15},
        {"stream: X FOUND\n", 17},
        {"X FOUND", 8},
        {"stream: X ERROR", 16},
        {"1: stream: OK", 14},
        {"UNKNOWN COMMAND", 16},
        {"stream: OK\0stream: X FOUND", 27},
    };
    bool unknown = true;

    for (size_t i = 0; i < sizeof strange / sizeof *strange; i++) {
        bool good =
            play(part_polite, strange[i].answer, strange[i].len, 100, pool) == EB_VERDICT_UNKNOWN &&
            problem && problem->number == EB_P_SCANNER_ANSWER;
        if (!good)
            printf("# \"%s\", %d bytes\n", strange[i].answer, (int)strange[i].len);
        unknown = unknown && good;
    }
    ok(unknown, "21 answers that are no verdict");
    char *flood = apr_palloc(pool, 100000);
    memset(flood, 'x', 100000);
    is_int(play(part_polite, flood, 100000, 10, pool), EB_VERDICT_UNKNOWN, "an endless one");
    ok(problem && strlen(problem->what) < 250, "is not repeated in full");
    is_int(play(part_polite, "", 0, 10, pool), EB_VERDICT_UNKNOWN, "no answer at all");
    ok(says(EB_P_SCANNER_IO, "hung up"), "says so");
}

static void test_early(apr_pool_t *pool)
{
    is_int(play(part_hasty, "INSTREAM size limit exceeded. ERROR", 36, BIG, pool),
           EB_VERDICT_UNKNOWN, "too large for clamd");
    ok(says(EB_P_SCANNER_ANSWER, "size limit exceeded"), "says so");
    is_int(play(part_hasty, "stream: OK", 11, BIG, pool), EB_VERDICT_UNKNOWN,
           "OK before the end is not clean");
    is_int(play(part_prophet, "stream: OK", 11, BIG, pool), EB_VERDICT_UNKNOWN,
           "not even from one who reads on");
    is_int(play(part_stuck, "stream: X FOUND", 16, BIG, pool), EB_VERDICT_FOUND,
           "an answer while there is no room to send");
    is_int(play(part_cut, "", 0, BIG, pool), EB_VERDICT_UNKNOWN, "cut in the middle");
    ok(says(EB_P_SCANNER_IO, socket_path), "says so");
}

static void test_closed_ears(apr_pool_t *pool)
{
    pthread_t thread = fake_begin(part_closed_ears, "INSTREAM size limit exceeded. ERROR", 36);
    eb_scan_t *s = scanner->begin(scanner, pool);

    s->sink.take(&s->sink, text, 100, NULL, pool);
    usleep(60000); /* until they are closed: what is sent now ends in EPIPE */
    s->sink.take(&s->sink, text, 100, NULL, pool);
    is_int(scanner->finish(s, &problem, pool), EB_VERDICT_UNKNOWN, "one who takes no more");
    ok(says(EB_P_SCANNER_ANSWER, "size limit exceeded"), "may say why afterwards");
    fake_end(thread);
}

/* Each with limits of a second or so; for each of BIG's pieces it would be minutes. */
static void test_limits(apr_pool_t *pool)
{
    double start = seconds();
    is_int(play(part_silent, "", 0, 100, pool), EB_VERDICT_UNKNOWN, "no verdict comes");
    double took = seconds() - start;
    ok(took > 1.4 && took < 15, "which is waited for once");
    ok(says(EB_P_SCANNER_IO, "in time"), "says so");
    start = seconds();
    is_int(play(part_deaf, "", 0, BIG, pool), EB_VERDICT_UNKNOWN, "nobody reads");
    took = seconds() - start;
    ok(took > .9 && took < 15, "which is waited for once, not for each piece");
    ok(says(EB_P_SCANNER_IO, "in time"), "says so");
}

static void test_nobody(apr_pool_t *pool)
{
    unlink(socket_path);
    is_int(scan(scanner, text, BIG, 8000, &problem, pool), EB_VERDICT_UNKNOWN, "no socket");
    ok(says(EB_P_SCANNER_CONNECT, socket_path), "named");
    is_int(scanner->ping(scanner, &problem, pool), ENOENT, "nothing to ping");
    close(listen_at(socket_path, 1));
    is_int(scan(scanner, text, 10, 10, &problem, pool), EB_VERDICT_UNKNOWN, "a dead socket");
    ok(says(EB_P_SCANNER_CONNECT, "refused"), "says so");

    int full = listen_at(socket_path, 0), waiting[64], count = 0;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(address.sun_path, socket_path);
    do {
        waiting[count] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    } while (connect(waiting[count++], (struct sockaddr *)&address, sizeof address) == 0 &&
             count < 64);
    double start = seconds();
    is_int(scan(scanner, text, 10, 10, &problem, pool), EB_VERDICT_UNKNOWN, "a full queue");
    double took = seconds() - start;
    ok(took > .9 && took < 15, "is waited for");
    ok(says(EB_P_SCANNER_CONNECT, "in time"), "says so");
    while (count)
        close(waiting[--count]);
    close(full);

    eb_scanner_t *far = eb_clamd_scanner(apr_psprintf(pool, "/%0200d", 0), pool);
    is_int(scan(far, text, 10, 10, &problem, pool), EB_VERDICT_UNKNOWN, "a path too long");
    ok(says(EB_P_SCANNER_CONNECT, "too long"), "says so");
}

static void test_ping(apr_pool_t *pool)
{
    pthread_t thread = fake_begin(part_ping, "PONG", 5);
    is_int(scanner->ping(scanner, &problem, pool), APR_SUCCESS, "PONG");
    fake_end(thread);
    is_str(fake.command, "zPING", "to PING");
    thread = fake_begin(part_ping, "PONG\n", 6);
    is_int(scanner->ping(scanner, &problem, pool), APR_EGENERAL, "something else");
    fake_end(thread);
    ok(says(EB_P_SCANNER_ANSWER, "PONG?"), "says so");
    thread = fake_begin(part_deaf, "", 0);
    is_int(scanner->ping(scanner, &problem, pool), APR_TIMEUP, "nothing");
    fake_end(thread);
}

/* A request that ends before its file: the connection must not stay. */
static void test_abandoned(apr_pool_t *pool)
{
    apr_pool_t *request;

    pthread_t thread = fake_begin(part_silent, "", 0);
    apr_pool_create(&request, pool);
    eb_scan_t *s = scanner->begin(scanner, request);
    s->sink.take(&s->sink, text, 100, NULL, request);
    apr_pool_destroy(request);
    fake_end(thread);
    ok(!fake.end && fake.got_len == 100, "an abandoned scan hangs up without an end");
}

static void *many(void *data)
{
    apr_pool_t *pool;
    eb_problem_t *why;
    bool good = true;

    (void)data;
    apr_pool_create(&pool, NULL);
    for (int i = 0; i < 25; i++)
        good = scan(scanner, text, 100000, 8000, &why, pool) == EB_VERDICT_CLEAN && good;
    apr_pool_destroy(pool);
    return good ? scanner : NULL;
}

static void test_threads(void)
{
    pthread_t threads[4];
    bool good = true;
    eb_clamd_t *clamd = scanner->data;
    const eb_clamd_t limits = *clamd;
    pthread_t server;

    *clamd = (eb_clamd_t){socket_path, 5000, 5000, 10000};
    fake = (fake_t){.listener = listen_at(socket_path, 16),
                    .connections = 100,
                    .part = part_polite,
                    .answer = "stream: OK",
                    .answer_len = 11,
                    .got = malloc(BIG)};
    pthread_create(&server, NULL, serve, &fake);
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, many, NULL);
    for (int i = 0; i < 4; i++) {
        void *result;
        pthread_join(threads[i], &result);
        good = good && result;
    }
    fake_end(server);
    free(fake.got);
    *clamd = limits;
    ok(good, "four threads share a scanner");
}

/* A server in a process of its own, that is one we have not written, or not in C. */
static void test_server(const char *name, apr_pool_t *pool)
{
    eb_scanner_t *real = eb_clamd_scanner(socket_path, pool);
    apr_status_t rv = APR_EGENERAL;

    for (int i = 0; i < 1000 && rv; i++, usleep(rv ? 10000 : 0))
        rv = real->ping(real, &problem, pool);
    if (!is_int(rv, APR_SUCCESS, apr_pstrcat(pool, name, " answers", NULL)))
        return;
    is_int(scan(real, text, BIG, 8000, &problem, pool), EB_VERDICT_CLEAN, "  random bytes");
    is_int(scan(real, "", 0, 1, &problem, pool), EB_VERDICT_CLEAN, "  nothing");
    is_int(scan(real, eicar, sizeof eicar - 1, 10, &problem, pool), EB_VERDICT_FOUND, "  EICAR");
    ok(says(EB_P_SCANNER_FOUND, "Eicar-Test-Signature"), "  by its name");
    is_int(scan(real, eicar, sizeof eicar - 2, 10, &problem, pool), EB_VERDICT_CLEAN,
           "  EICAR without its last letter");
}

static pid_t launch(const char *const *argv)
{
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        int null = open("/dev/null", O_RDWR);
        dup2(null, 0);
        dup2(null, 1);
        dup2(null, 2);
        execvp(argv[0], (char **)argv);
        _exit(127);
    }
    return pid;
}

static void end(pid_t pid)
{
    kill(pid, SIGTERM);
    waitpid(pid, NULL, 0);
    unlink(socket_path);
}

static void test_scripted(apr_pool_t *pool)
{
    const char *script = "my $clamd = bless { dir => shift, owner => getppid }, 'Eb::Clamd';"
                       "$clamd->serve($clamd->listener)";
    const char *argv[] = {"perl", "-It/lib", "-MEb::Clamd", "-e", script, dir, NULL};
    unsigned char sha[32];
    char line[200], hex[65];

    if (access("t/lib/Eb/Clamd.pm", R_OK)) {
        skip(1, "not run from the root of the source");
        return;
    }
    pid_t pid = launch(argv);
    test_server("the scripted clamd", pool);
    end(pid);
    FILE *log = fopen(apr_pstrcat(pool, dir, "/clamd.log", NULL), "r");
    while (log && fgets(line, sizeof line, log) && strncmp(line, "scan", 4) != 0)
        ;
    if (log)
        fclose(log);
    EVP_Digest(text, BIG, sha, NULL, EVP_sha256(), NULL);
    for (int i = 0; i < 32; i++)
        sprintf(hex + 2 * i, "%02x", sha[i]);
    is_str(line, apr_psprintf(pool, "scan\t%s\t%d\t1\tstream: OK\n", hex, BIG),
           "  wrote down what it saw");
}

/* With a database of one signature, in a folder of the test's own. */
static void test_real(apr_pool_t *pool)
{
    const char *conf = apr_pstrcat(pool, dir, "/clamd.conf", NULL);
    const char *const argv[] = {"clamd", "-c", conf, NULL};
    const char *db = apr_pstrcat(pool, dir, "/db", NULL), *hex = "";

    setenv("PATH", apr_pstrcat(pool, getenv("PATH"), ":/usr/sbin", NULL), 1);
    if (system("command -v clamd >/dev/null")) {
        skip(1, "clamd is not installed (package clamav-daemon)");
        return;
    }
    mkdir(db, 0700);
    for (const char *c = eicar; *c; c++)
        hex = apr_psprintf(pool, "%s%02x", hex, (unsigned char)*c);
    scratch_write(apr_pstrcat(pool, db, "/test.ndb", NULL),
                  apr_pstrcat(pool, "Eicar-Test-Signature:0:0:", hex, "\n", NULL));
    scratch_write(conf, apr_psprintf(pool,
                                     "LocalSocket %s\nDatabaseDirectory %s\nForeground yes\n"
                                     "TemporaryDirectory %s\nStreamMaxLength 4M\n",
                                     socket_path, db, dir));
    pid_t pid = launch(argv);
    test_server("a real clamd", pool);
    eb_scanner_t *real = eb_clamd_scanner(socket_path, pool);
    unsigned char *large = apr_pcalloc(pool, 5 * 1024 * 1024);
    is_int(scan(real, large, 5 * 1024 * 1024, 8000, &problem, pool), EB_VERDICT_UNKNOWN,
           "  more than it takes");
    ok(problem != NULL, "  says so");
    printf("# %s\n", problem ? problem->what : "");
    end(pid);
}

int main(void)
{
    apr_pool_t *pool = tap_begin();
    eb_clamd_t *clamd;

    dir = scratch_make(pool);
    signal(SIGPIPE, SIG_DFL); /* no help from a caller */
    socket_path = apr_pstrcat(pool, dir, "/clamd.sock", NULL);
    scanner = eb_clamd_scanner(socket_path, pool);
    is_str(scanner->name, "clamd", "a scanner called clamd");
    clamd = scanner->data;
    ok(clamd->connect_ms == 1000 && clamd->send_ms == 5000 && clamd->verdict_ms == 120000,
       "with its limits");
    clamd->connect_ms = clamd->send_ms = 1000;
    clamd->verdict_ms = 1500;
    text = apr_palloc(pool, BIG);
    eb_random(text, BIG);
    test_clean(pool);
    test_found(pool);
    test_unknown(pool);
    test_early(pool);
    test_closed_ears(pool);
    test_limits(pool);
    test_nobody(pool);
    test_ping(pool);
    test_abandoned(pool);
    test_threads();
    test_scripted(pool);
    test_real(pool);
    scratch_remove(dir);
    return done();
}
