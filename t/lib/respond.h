/* A scripted server that speaks Redis' protocol on 127.0.0.1: it answers each command by the first
 * rule whose word it is, counts what it was asked, and can be told to say something else. One
 * thread per server; connections are served side by side. */
#ifndef RESPOND_H
#define RESPOND_H

#include "store/redis.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { RESPOND_CONNECTIONS = 16 };

typedef struct respond_t {
    int port;
    const char *_Atomic question; /* the word that `answer` is for; all others get +OK */
    const char *_Atomic answer;   /* as it goes over the wire; NULL = never */
    atomic_int asked;             /* how often the question came */
    atomic_int reads;             /* how often something came at all: round trips */
    atomic_int accepted;
    int listener;
    pthread_t thread;
} respond_t;

static inline void respond_to(respond_t *r, int fd, redisReader *reader)
{
    void *reply;

    while (redisReaderGetReply(reader, &reply) == REDIS_OK && reply) {
        const redisReply *command = reply;
        const char *answer = "+OK\r\n";
        if (command->elements && !strcasecmp(command->element[0]->str, r->question)) {
            r->asked++;
            answer = r->answer;
        }
        if (answer)
            (void)!write(fd, answer, strlen(answer));
        freeReplyObject(reply);
    }
}

static inline void *respond_serve(void *data)
{
    respond_t *r = data;
    struct pollfd fds[RESPOND_CONNECTIONS + 1] = {{r->listener, POLLIN, 0}};
    redisReader *readers[RESPOND_CONNECTIONS + 1] = {0};
    int count = 1;
    char buf[4096];

    while (poll(fds, count, -1) > 0) {
        if (fds[0].revents & ~POLLIN)
            break;
        for (int i = count - 1; i > 0; i--) {
            if (!fds[i].revents)
                continue;
            ssize_t got = read(fds[i].fd, buf, sizeof buf);
            if (got > 0) {
                r->reads++;
                redisReaderFeed(readers[i], buf, (size_t)got);
                respond_to(r, fds[i].fd, readers[i]);
                continue;
            }
            close(fds[i].fd);
            redisReaderFree(readers[i]);
            fds[i] = fds[--count];
            readers[i] = readers[count];
        }
        if (!fds[0].revents || count > RESPOND_CONNECTIONS)
            continue;
        fds[count] = (struct pollfd){accept(r->listener, NULL, NULL), POLLIN, 0};
        readers[count++] = redisReaderCreate();
        r->accepted++;
    }
    for (int i = 1; i < count; i++) {
        close(fds[i].fd);
        redisReaderFree(readers[i]);
    }
    return NULL;
}

static inline void respond_start(respond_t *r, const char *question, const char *answer)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;

    memset(r, 0, sizeof *r);
    r->question = question;
    r->answer = answer;
    r->listener = socket(AF_INET, SOCK_STREAM, 0);
    bind(r->listener, (struct sockaddr *)&at, len);
    listen(r->listener, 16);
    getsockname(r->listener, (struct sockaddr *)&at, &len);
    r->port = ntohs(at.sin_port);
    pthread_create(&r->thread, NULL, respond_serve, r);
}

static inline void respond_stop(respond_t *r)
{
    shutdown(r->listener, SHUT_RDWR);
    pthread_join(r->thread, NULL);
    close(r->listener);
}

#endif
