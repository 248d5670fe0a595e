#include "CAres.h"

#include <ares.h>
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

// Newer versions have another way to read answers; Debian's stable one does not have that yet.
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

struct tocsin_ares {
    ares_channel channel;
    struct ares_options options;
    int mask;
};

struct question {
    int type;
    tocsin_ares_told told;
    void *context;
};

tocsin_ares *tocsin_ares_new(const char *servers, int timeout, int tries, const char **reason) {
    static int initialised = -1;
    // Counted by c-ares; a second call costs nothing.
    if (initialised != ARES_SUCCESS) initialised = ares_library_init(ARES_LIB_INIT_ALL);
    tocsin_ares *ares = calloc(1, sizeof *ares);
    if (!ares) {
        *reason = "out of memory";
        return NULL;
    }
    struct ares_options options;
    memset(&options, 0, sizeof options);
    options.timeout = timeout;
    options.tries = tries;
    options.ednspsz = 4096;
    options.flags = ARES_FLAG_EDNS;
    int mask = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_EDNSPSZ | ARES_OPT_FLAGS;
    int status = ares_init_options(&ares->channel, &options, mask);
    if (status == ARES_SUCCESS && servers) {
        status = ares_set_servers_ports_csv(ares->channel, servers);
        if (status != ARES_SUCCESS) ares_destroy(ares->channel);
    }
    if (status == ARES_SUCCESS) {
        status = ares_save_options(ares->channel, &ares->options, &ares->mask);
        if (status != ARES_SUCCESS) ares_destroy(ares->channel);
    }
    if (status != ARES_SUCCESS) {
        *reason = ares_strerror(status);
        free(ares);
        return NULL;
    }
    return ares;
}

void tocsin_ares_free(tocsin_ares *ares) {
    ares_destroy_options(&ares->options);
    ares_destroy(ares->channel);
    free(ares);
}

const char *tocsin_ares_domain(const tocsin_ares *ares, int index) {
    return index < ares->options.ndomains ? ares->options.domains[index] : NULL;
}

int tocsin_ares_ndots(const tocsin_ares *ares) { return ares->options.ndots; }

static int tell_addresses(const struct question *q, const unsigned char *answer, int length) {
    enum { MOST = 4096 };
    char text[INET6_ADDRSTRLEN];
    int count = MOST;
    int status;
    if (q->type == ns_t_a) {
        struct ares_addrttl *found = calloc(MOST, sizeof *found);
        if (!found) return ARES_ENOMEM;
        status = ares_parse_a_reply(answer, length, NULL, found, &count);
        for (int i = 0; status == ARES_SUCCESS && i < count; i++) {
            if (inet_ntop(AF_INET, &found[i].ipaddr, text, sizeof text))
                q->told(q->context, TOCSIN_ARES_ANSWERED, text, 0, NULL);
        }
        free(found);
    } else {
        struct ares_addr6ttl *found = calloc(MOST, sizeof *found);
        if (!found) return ARES_ENOMEM;
        status = ares_parse_aaaa_reply(answer, length, NULL, found, &count);
        for (int i = 0; status == ARES_SUCCESS && i < count; i++) {
            if (inet_ntop(AF_INET6, &found[i].ip6addr, text, sizeof text))
                q->told(q->context, TOCSIN_ARES_ANSWERED, text, 0, NULL);
        }
        free(found);
    }
    return status;
}

static int tell_names(const struct question *q, const unsigned char *answer, int length) {
    int status;
    if (q->type == ns_t_srv) {
        struct ares_srv_reply *first = NULL;
        status = ares_parse_srv_reply(answer, length, &first);
        for (struct ares_srv_reply *one = first; status == ARES_SUCCESS && one; one = one->next)
            q->told(q->context, TOCSIN_ARES_ANSWERED, one->host, one->port, NULL);
        if (first) ares_free_data(first);
    } else if (q->type == ns_t_mx) {
        struct ares_mx_reply *first = NULL;
        status = ares_parse_mx_reply(answer, length, &first);
        for (struct ares_mx_reply *one = first; status == ARES_SUCCESS && one; one = one->next)
            q->told(q->context, TOCSIN_ARES_ANSWERED, one->host, one->priority, NULL);
        if (first) ares_free_data(first);
    } else {
        struct hostent *host = NULL;
        status = ares_parse_ns_reply(answer, length, &host);
        for (char **name = status == ARES_SUCCESS ? host->h_aliases : NULL; name && *name; name++)
            q->told(q->context, TOCSIN_ARES_ANSWERED, *name, 0, NULL);
        if (host) ares_free_hostent(host);
    }
    return status;
}

static void answered(void *argument, int status, int timeouts, unsigned char *answer, int length) {
    (void)timeouts;
    struct question *q = argument;
    if (status == ARES_SUCCESS)
        status = q->type == ns_t_a || q->type == ns_t_aaaa ? tell_addresses(q, answer, length)
                                                          : tell_names(q, answer, length);
    int end = TOCSIN_ARES_FAILED;
    if (status == ARES_SUCCESS || status == ARES_ENODATA) end = TOCSIN_ARES_ANSWERED;
    if (status == ARES_ENOTFOUND) end = TOCSIN_ARES_NO_NAME;
    q->told(q->context, end, NULL, 0, end == TOCSIN_ARES_FAILED ? ares_strerror(status) : NULL);
    free(q);
}

void tocsin_ares_ask(
    tocsin_ares *ares, const char *name, int type, tocsin_ares_told told, void *context) {
    struct question *q = calloc(1, sizeof *q);
    if (!q) {
        told(context, TOCSIN_ARES_FAILED, NULL, 0, "out of memory");
        return;
    }
    q->type = type;
    q->told = told;
    q->context = context;
    ares_query(ares->channel, name, ns_c_in, type, answered, q);
}

void tocsin_ares_run(tocsin_ares *ares) {
    for (;;) {
        ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
        int wanted = ares_getsock(ares->channel, sockets, ARES_GETSOCK_MAXNUM);
        struct pollfd polled[ARES_GETSOCK_MAXNUM];
        nfds_t count = 0;
        for (int i = 0; i < ARES_GETSOCK_MAXNUM; i++) {
            short events = 0;
            if (ARES_GETSOCK_READABLE(wanted, i)) events |= POLLIN;
            if (ARES_GETSOCK_WRITABLE(wanted, i)) events |= POLLOUT;
            if (!events) continue;
            polled[count++] = (struct pollfd){.fd = sockets[i], .events = events};
        }
        if (count == 0) return;
        struct timeval most = {.tv_sec = 1}, left;
        struct timeval *wait = ares_timeout(ares->channel, &most, &left);
        int milliseconds = (int)(wait->tv_sec * 1000 + (wait->tv_usec + 999) / 1000);
        int ready = poll(polled, count, milliseconds);
        if (ready <= 0) ares_process_fd(ares->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
        for (nfds_t i = 0; ready > 0 && i < count; i++) {
            short got = polled[i].revents;
            ares_process_fd(
                ares->channel, got & (POLLIN | POLLHUP | POLLERR) ? polled[i].fd : ARES_SOCKET_BAD,
                got & POLLOUT ? polled[i].fd : ARES_SOCKET_BAD);
        }
    }
}
