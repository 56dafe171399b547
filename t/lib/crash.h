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

static inline crash_t crash_after(int n, int (*body)(void *), void *baton)
{
    int status, stops = 0;
    fflush(stdout);
    pid_t pid = fork();

    if (pid == 0)
        crash_child(body, baton);
    if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
        return pid < 0 ? CRASH_UNABLE : crash_end(status);
    ptrace(PTRACE_SETOPTIONS, pid, NULL, (void *)(long)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL));
    while (stops < 2 * n) { /* a system call stops twice: on its way in and on its way out */
        ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
        if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
            return crash_end(status);
        if (WSTOPSIG(status) == (SIGTRAP | 0x80))
            stops++;
    }
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    return CRASH_KILLED;
}

#endif
