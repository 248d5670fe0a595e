// The few parts of c-ares that Tocsin uses: questions of one type, asked all at once on the caller's thread.
#ifndef TOCSIN_CARES_H
#define TOCSIN_CARES_H

#include <stdbool.h>
#include <stdint.h>

typedef struct tocsin_ares tocsin_ares;

/// What became of a question.
enum tocsin_ares_status {
    /// The name exists; records follow, or there are none of the type.
    TOCSIN_ARES_ANSWERED,
    /// No such name.
    TOCSIN_ARES_NO_NAME,
    /// No server gave an answer of use.
    TOCSIN_ARES_FAILED,
};

/// A channel for one thread. `servers`: `HOST:PORT,…`, or null for those of the system's resolv.conf; a
/// server is asked `tries` times and has `timeout` milliseconds each time, longer with each round. Null
/// where none can be made, with c-ares's reason in `reason`.
tocsin_ares *tocsin_ares_new(const char *servers, int timeout, int tries, const char **reason);
void tocsin_ares_free(tocsin_ares *ares);

/// The search domains, null behind the last one, and how many dots a name needs to be tried as it is at
/// first.
const char *tocsin_ares_domain(const tocsin_ares *ares, int index);
int tocsin_ares_ndots(const tocsin_ares *ares);

/// Told of every record of an answer, then of the end with `text` null. `number` is a service's port;
/// `status` one of `tocsin_ares_status`, `reason` c-ares's words at the end where it failed.
typedef void (*tocsin_ares_told)(
    void *context, int status, const char *text, int number, const char *reason);

/// Asks for the records of a DNS type (1 A, 28 AAAA, 33 SRV, 15 MX, 2 NS) of a full name. `told` is
/// called during `tocsin_ares_run`, or at once.
void tocsin_ares_ask(
    tocsin_ares *ares, const char *name, int type, tocsin_ares_told told, void *context);

/// Waits until all questions are answered or given up.
void tocsin_ares_run(tocsin_ares *ares);

#endif
