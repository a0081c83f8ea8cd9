#pragma once
#if __has_include(<hiredis/hiredis.h>)
#include <hiredis/hiredis.h>
#else
#include <hiredis.h>
#endif
#include <stdlib.h>

// A reader that counts what a reply claims to hold before memory is taken for it. hiredis 0.14 takes memory for any
// number of elements; 1.x also nests without end.

#if HIREDIS_MAJOR >= 1
typedef size_t ss_redis_count;
#define SS_REDIS_HAS_RESP3 1
#else
typedef int ss_redis_count;
#define SS_REDIS_HAS_RESP3 0
#endif

typedef struct ss_redis_limits {
    redisReplyObjectFunctions functions;
    void *(*create_array)(const redisReadTask *, ss_redis_count);
    // How many elements all arrays of the reply being read may still have.
    size_t elements_left;
    size_t elements_max;
    int depth_max;
    // What was refused; NULL for nothing.
    const char *refusal;
} ss_redis_limits;

static inline void *ss_redis_create_array(const redisReadTask *task, ss_redis_count count) {
    ss_redis_limits *limits = (ss_redis_limits *)task->privdata;
    int depth = 1;
    for (const redisReadTask *parent = task->parent; parent != NULL; parent = parent->parent) depth++;
    if (depth > limits->depth_max) {
        limits->refusal = "it is nested too deeply";
        return NULL;
    }
    if (count < 0 || (size_t)count > limits->elements_left) {
        limits->refusal = "it has too many elements";
        return NULL;
    }
    limits->elements_left -= (size_t)count;
    return limits->create_array(task, count);
}

// A reader with hiredis' own reply objects; NULL without memory. `limits` must outlive it.
static inline redisReader *ss_redis_reader_create(ss_redis_limits *limits, size_t elements_max, int depth_max) {
    redisReader *reader = redisReaderCreate();
    if (reader == NULL) return NULL;
    limits->functions = *reader->fn;
    limits->create_array = limits->functions.createArray;
    limits->functions.createArray = ss_redis_create_array;
    limits->elements_left = elements_max;
    limits->elements_max = elements_max;
    limits->depth_max = depth_max;
    limits->refusal = NULL;
    reader->fn = &limits->functions;
    reader->privdata = limits;
    return reader;
}

// The next whole reply, or NULL when there is none yet; REDIS_OK or REDIS_ERR.
static inline int ss_redis_reader_next(redisReader *reader, ss_redis_limits *limits, redisReply **reply) {
    void *object = NULL;
    int status = redisReaderGetReply(reader, &object);
    *reply = (redisReply *)object;
    if (object != NULL) limits->elements_left = limits->elements_max;
    return status;
}

// Where the bytes stand that were not read yet, and how many there are.
static inline const char *ss_redis_reader_rest(const redisReader *reader, size_t *count) {
    *count = reader->buf == NULL ? 0 : reader->len - reader->pos;
    return *count == 0 ? NULL : reader->buf + reader->pos;
}

// The type of the value that is being read, one of REDIS_REPLY_…; negative when it is not known yet.
static inline int ss_redis_reader_type(const redisReader *reader) {
    if (reader->ridx < 0) return -1;
#if HIREDIS_MAJOR >= 1
    return reader->task[reader->ridx]->type;
#else
    return reader->rstack[reader->ridx].type;
#endif
}

static inline const redisReply *ss_redis_reply_element(const redisReply *reply, size_t index) {
    return index < reply->elements ? reply->element[index] : NULL;
}

#if SS_REDIS_HAS_RESP3
static inline int ss_redis_is_map(int type) { return type == REDIS_REPLY_MAP || type == REDIS_REPLY_ATTR; }
static inline int ss_redis_is_push(int type) { return type == REDIS_REPLY_PUSH; }
static inline int ss_redis_is_list(int type) { return type == REDIS_REPLY_ARRAY || type == REDIS_REPLY_SET; }
static inline int ss_redis_is_bool(int type) { return type == REDIS_REPLY_BOOL; }
static inline int ss_redis_is_bulk(int type) { return type == REDIS_REPLY_STRING || type == REDIS_REPLY_VERB; }
#else
static inline int ss_redis_is_map(int type) { (void)type; return 0; }
static inline int ss_redis_is_push(int type) { (void)type; return 0; }
static inline int ss_redis_is_list(int type) { return type == REDIS_REPLY_ARRAY; }
static inline int ss_redis_is_bool(int type) { (void)type; return 0; }
static inline int ss_redis_is_bulk(int type) { return type == REDIS_REPLY_STRING; }
#endif
