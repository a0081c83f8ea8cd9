#pragma once
#ifdef __linux__
#include <sys/eventfd.h>
#endif
#include <libpq-fe.h>
#include <poll.h>
#include <pthread.h>

#ifndef LIBPQ_HAS_PIPELINING
#error "libpq 14 or newer is needed: older ones have no pipeline mode"
#endif

// Names the calling thread, as debuggers show it.
static inline void ss_name_postgres_thread(const char *name) {
#ifdef __APPLE__
    pthread_setname_np(name);
#else
    extern int pthread_setname_np(pthread_t, const char *);
    pthread_setname_np(pthread_self(), name);
#endif
}

// The fields of an error are named by characters, which Swift does not import as macros.

static inline const char *ss_error_state(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_SQLSTATE);
}

static inline const char *ss_error_message(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
}

static inline const char *ss_error_constraint(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
}
