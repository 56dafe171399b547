/* kill -9 between any two system calls: a child runs `body` under ptrace and is killed when its
 * n-th system call has returned. Trying n = 0, 1, 2 … until the child gets through visits every
 * state that a crash of the process can leave behind. */
#ifndef CRASH_H
#define CRASH_H

#include <signal.h>
#include <stdbool.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

typedef enum { CRASH_KILLED, CRASH_FINISHED, CRASH_FAILED, CRASH_UNABLE } crash_t;

/* The child: `body` returns 0 when all went well. */
static inline void crash_child(int (*body)(void *), void *baton)
{
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
        _exit(77);
    raise(SIGSTOP);
    _exit(body(baton) ? 1 : 0);
}

static inline crash_t crash_end(int status)
{
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return CRASH_FINISHED;
    return WIFEXITED(status) && WEXITSTATUS(status) == 77 ? CRASH_UNABLE : CRASH_FAILED;
}

/* Lets the child come to the return of its n-th system call. *pid is 0 when it ended before. */
static inline crash_t crash_stop(pid_t *pid, int n, int (*body)(void *), void *baton)
{
    int status, stops = 0;

    fflush(stdout);
    *pid = fork();
    if (*pid == 0)
        crash_child(body, baton);
    if (*pid < 0)
        return CRASH_UNABLE;
    waitpid(*pid, &status, 0);
    if (WIFSTOPPED(status))
        ptrace(PTRACE_SETOPTIONS, *pid, NULL,
               (void *)(long)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL));
    while (WIFSTOPPED(status) && stops < 2 * n) { /* a call stops on its way in and out */
        ptrace(PTRACE_SYSCALL, *pid, NULL, NULL);
        waitpid(*pid, &status, 0);
        stops += WIFSTOPPED(status) && WSTOPSIG(status) == (SIGTRAP | 0x80);
    }
    if (WIFSTOPPED(status))
        return CRASH_KILLED;
    *pid = 0;
    return crash_end(status);
}

static inline crash_t crash_after(int n, int (*body)(void *), void *baton)
{
    pid_t pid;
    crash_t end = crash_stop(&pid, n, body, baton);

    if (pid > 0) {
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
    }
    return end;
}

/* The same without a death: the world changes (`hook`) while the child stands still after its n-th
 * system call, and then it goes on. */
static inline crash_t crash_meanwhile(int n, int (*body)(void *), void *baton, void (*hook)(void *))
{
    pid_t pid;
    int status = 0;
    crash_t end = crash_stop(&pid, n, body, baton);

    if (pid <= 0)
        return end;
    hook(baton);
    ptrace(PTRACE_DETACH, pid, NULL, NULL);
    waitpid(pid, &status, 0);
    return crash_end(status) == CRASH_FINISHED ? CRASH_KILLED : CRASH_FAILED;
}

#endif
