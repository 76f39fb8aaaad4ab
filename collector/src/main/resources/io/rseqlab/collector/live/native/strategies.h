/* The allocators: one object size, each an allocate and a release over lists of free objects.
 * pad turns go into the local fast paths only, never into refill and flush. */
#ifndef RSEQLAB_STRATEGIES_H
#define RSEQLAB_STRATEGIES_H

#include "machine.h"

typedef struct object *(*allocate_fn)(struct thread *);
typedef void (*release_fn)(struct thread *, struct object *);
typedef struct object *(*pop_fn)(struct thread *);
typedef bool (*push_fn)(struct thread *, struct object *);

/* ---- Central pool: one mutex, one list, fed from a region by a bump pointer ---- */

static struct {
    pthread_mutex_t mutex;
    struct object *head;
    struct object *region, *fresh, *end;
} __attribute__((aligned(128))) central = {.mutex = PTHREAD_MUTEX_INITIALIZER};

void out_of_objects(void);

/* A chain of count objects, ending in null. */
CALLED struct object *central_take(unsigned count)
{
    struct object *first = NULL;
    pthread_mutex_lock(&central.mutex);
    for (; count > 0; count--) {
        struct object *object = central.head;
        if (object)
            central.head = object->next;
        else if (central.fresh < central.end)
            object = central.fresh++;
        else
            out_of_objects();
        object->next = first;
        first = object;
    }
    pthread_mutex_unlock(&central.mutex);
    return first;
}

CALLED void central_give(struct object *first, struct object *last)
{
    pthread_mutex_lock(&central.mutex);
    last->next = central.head;
    central.head = first;
    pthread_mutex_unlock(&central.mutex);
}

/* Of 32 objects 31 are pushed singly and the last is handed out. A push refused because the thread has meanwhile come
 * to a CPU with a full list gives the object back. */
INLINE struct object *refill_by(struct thread *t, push_fn push)
{
    struct object *object = central_take(REFILL);
    t->n[REFILLS]++;
    for (unsigned i = 1; i < REFILL; i++) {
        struct object *next = object->next;
        if (!push(t, object))
            central_give(object, object);
        object = next;
    }
    return object;
}

/* The object and 127 more, popped singly; fewer if the list of the CPU then running runs dry. */
INLINE void flush_by(struct thread *t, struct object *object, pop_fn pop)
{
    struct object *first = object, *more;
    t->n[FLUSHES]++;
    for (unsigned i = 1; i < FLUSH && (more = pop(t)) != NULL; i++) {
        more->next = first;
        first = more;
    }
    central_give(first, object);
}

/* ---- rseq-freelist ---- */

CALLED struct object *rseq_refill(struct thread *t) { return refill_by(t, section_refill_push); }
CALLED void rseq_flush(struct thread *t, struct object *object) { flush_by(t, object, section_flush_pop); }

CALLED struct object *rseq_allocate(struct thread *t)
{
    struct object *object = section_pop(t);
    return LIKELY(object) ? object : rseq_refill(t);
}

CALLED void rseq_release(struct thread *t, struct object *object)
{
    if (!section_push(t, object))
        rseq_flush(t, object);
}

/* ---- percpu-lock ---- */

/* The list of the own CPU, else the next free one in CPU order (cyclic, over the CPUs of the run), else PAUSE. */
CALLED struct list *lock_another(struct thread *t, unsigned cpu)
{
    for (unsigned round = 1;; round++) {
        t->n[LOCK_FAILURES]++;
        for (unsigned i = 1, at = cpu_index[cpu]; i < cpu_count; i++) {
            at = at + 1 == cpu_count ? 0 : at + 1;
            if (try_lock(&lists[cpu_list[at]]))
                return &lists[cpu_list[at]];
            t->n[LOCK_FAILURES]++;
        }
        __builtin_ia32_pause();
        if (round % ROUNDS_PER_YIELD == 0)
            yield(t);
        cpu = current_cpu(t);
        if (try_lock(&lists[cpu]))
            return &lists[cpu];
    }
}

INLINE struct list *lock_one(struct thread *t)
{
    unsigned cpu = current_cpu(t);
    return LIKELY(try_lock(&lists[cpu])) ? &lists[cpu] : lock_another(t, cpu);
}

INLINE struct object *lock_pop_padded(struct thread *t, const volatile uint64_t *turns)
{
    struct list *list = lock_one(t);
    struct object *object = list->head;
    if (LIKELY(object)) {
        struct object *next = object->next;
        spend(*turns);
        list->head = next;
    }
    unlock(list);
    return object;
}

INLINE bool lock_push_padded(struct thread *t, struct object *object, const volatile uint64_t *turns)
{
    struct list *list = lock_one(t);
    struct object *head = list->head;
    uint64_t depth = head ? head->depth : 0;
    bool room = LIKELY(depth < LIST_CAP);
    if (room) {
        object->next = head;
        object->depth = depth + 1;
        spend(*turns);
        list->head = object;
    }
    unlock(list);
    return room;
}

INLINE struct object *lock_pop(struct thread *t) { return lock_pop_padded(t, &no_turns); }
INLINE bool lock_push(struct thread *t, struct object *object) { return lock_push_padded(t, object, &no_turns); }
CALLED struct object *lock_refill(struct thread *t) { return refill_by(t, lock_push); }
CALLED void lock_flush(struct thread *t, struct object *object) { flush_by(t, object, lock_pop); }

CALLED struct object *lock_allocate(struct thread *t)
{
    struct object *object = lock_pop_padded(t, &params.pad_turns);
    return LIKELY(object) ? object : lock_refill(t);
}

CALLED void lock_release(struct thread *t, struct object *object)
{
    if (!lock_push_padded(t, object, &params.pad_turns))
        lock_flush(t, object);
}

/* ---- percpu-cas and global-treiber: the same versioned stack, per CPU with a cap, or one without ---- */

static struct list global;

INLINE struct object *cas_pop_padded(struct thread *t, bool per_cpu, const volatile uint64_t *turns)
{
    for (;;) {
        struct list *list = per_cpu ? &lists[current_cpu(t)] : &global;
        uint64_t version = __atomic_load_n(&list->version, __ATOMIC_ACQUIRE);
        struct object *head = __atomic_load_n(&list->head, __ATOMIC_ACQUIRE);
        if (UNLIKELY(!head))
            return NULL;
        struct object *next = __atomic_load_n(&head->next, __ATOMIC_RELAXED);
        spend(*turns);
        if (LIKELY(swap_versioned(list, head, version, next)))
            return head;
        t->n[CAS_FAILURES]++;
    }
}

INLINE bool cas_push_padded(struct thread *t, struct object *object, bool per_cpu, const volatile uint64_t *turns)
{
    for (;;) {
        struct list *list = per_cpu ? &lists[current_cpu(t)] : &global;
        uint64_t version = __atomic_load_n(&list->version, __ATOMIC_ACQUIRE);
        struct object *head = __atomic_load_n(&list->head, __ATOMIC_ACQUIRE);
        if (per_cpu) {
            uint64_t depth = head ? __atomic_load_n(&head->depth, __ATOMIC_RELAXED) : 0;
            if (UNLIKELY(depth >= LIST_CAP))
                return false;
            __atomic_store_n(&object->depth, depth + 1, __ATOMIC_RELAXED);
        }
        __atomic_store_n(&object->next, head, __ATOMIC_RELAXED);
        spend(*turns);
        if (LIKELY(swap_versioned(list, head, version, object)))
            return true;
        t->n[CAS_FAILURES]++;
    }
}

INLINE struct object *cas_pop(struct thread *t) { return cas_pop_padded(t, true, &no_turns); }
INLINE bool cas_push(struct thread *t, struct object *object) { return cas_push_padded(t, object, true, &no_turns); }
CALLED struct object *cas_refill(struct thread *t) { return refill_by(t, cas_push); }
CALLED void cas_flush(struct thread *t, struct object *object) { flush_by(t, object, cas_pop); }

CALLED struct object *cas_allocate(struct thread *t)
{
    struct object *object = cas_pop_padded(t, true, &params.pad_turns);
    return LIKELY(object) ? object : cas_refill(t);
}

CALLED void cas_release(struct thread *t, struct object *object)
{
    if (UNLIKELY(!cas_push_padded(t, object, true, &params.pad_turns)))
        cas_flush(t, object);
}

INLINE bool treiber_push(struct thread *t, struct object *object)
{
    return cas_push_padded(t, object, false, &no_turns);
}

CALLED struct object *treiber_refill(struct thread *t) { return refill_by(t, treiber_push); }

CALLED struct object *treiber_allocate(struct thread *t)
{
    struct object *object = cas_pop_padded(t, false, &params.pad_turns);
    return LIKELY(object) ? object : treiber_refill(t);
}

CALLED void treiber_release(struct thread *t, struct object *object)
{
    cas_push_padded(t, object, false, &params.pad_turns);
}

/* ---- global-mutex: one list without a cap ---- */

static struct {
    pthread_mutex_t mutex;
} __attribute__((aligned(128))) global_mutex = {PTHREAD_MUTEX_INITIALIZER};

INLINE bool mutex_push_padded(struct object *object, const volatile uint64_t *turns)
{
    pthread_mutex_lock(&global_mutex.mutex);
    object->next = global.head;
    spend(*turns);
    global.head = object;
    pthread_mutex_unlock(&global_mutex.mutex);
    return true;
}

INLINE bool mutex_push(struct thread *t, struct object *object)
{
    (void)t;
    return mutex_push_padded(object, &no_turns);
}

CALLED struct object *mutex_refill(struct thread *t) { return refill_by(t, mutex_push); }

CALLED struct object *mutex_allocate(struct thread *t)
{
    pthread_mutex_lock(&global_mutex.mutex);
    struct object *object = global.head;
    if (LIKELY(object)) {
        struct object *next = object->next;
        spend(params.pad_turns);
        global.head = next;
    }
    pthread_mutex_unlock(&global_mutex.mutex);
    return LIKELY(object) ? object : mutex_refill(t);
}

CALLED void mutex_release(struct thread *t, struct object *object)
{
    (void)t;
    mutex_push_padded(object, &params.pad_turns);
}

/* ---- The two strategies with owners: a private list per thread; the owner is the thread that refilled ---- */

INLINE struct object *private_pop(struct thread *t)
{
    struct object *object = t->local;
    if (LIKELY(object)) {
        struct object *next = object->next;
        spend(params.pad_turns);
        t->local = next;
    }
    return object;
}

INLINE void private_push_padded(struct thread *t, struct object *object, const volatile uint64_t *turns)
{
    object->next = t->local;
    spend(*turns);
    t->local = object;
}

INLINE bool private_own(struct thread *t, struct object *object)
{
    object->owner = t->id;
    private_push_padded(t, object, &no_turns);
    return true;
}

INLINE struct object *private_refill(struct thread *t)
{
    struct object *object = refill_by(t, private_own);
    object->owner = t->id;
    return object;
}

/* message-passing */

CALLED void post(struct thread *t)
{
    for (uint64_t owner = 0; owner < thread_count; owner++) {
        struct bucket *bucket = &t->buckets[owner];
        if (!bucket->first)
            continue;
        struct object *before = __atomic_exchange_n(&threads[owner].queue->tail, bucket->last, __ATOMIC_ACQ_REL);
        __atomic_store_n(&before->next, bucket->first, __ATOMIC_RELEASE);
        bucket->first = NULL;
        t->n[POSTS]++;
    }
    t->n[POSTED_OBJECTS] += t->pending;
    t->pending = 0;
}

/* Every node whose successor is already linked; the last one stays behind as the new stub. */
INLINE void drain(struct thread *t)
{
    struct object *object = t->queue->front, *next;
    uint64_t count = 0;
    while ((next = __atomic_load_n(&object->next, __ATOMIC_ACQUIRE)) != NULL) {
        private_push_padded(t, object, &no_turns);
        object = next;
        count++;
    }
    t->queue->front = object;
    if (count > 0) {
        t->n[DRAINS]++;
        t->n[DRAINED_OBJECTS] += count;
    }
}

CALLED struct object *message_slow(struct thread *t)
{
    drain(t);
    struct object *object = t->local;
    if (object) {
        t->local = object->next;
        return object;
    }
    if (t->pending > 0)
        post(t);
    return private_refill(t);
}

CALLED struct object *message_allocate(struct thread *t)
{
    struct object *object = private_pop(t);
    return LIKELY(object) ? object : message_slow(t);
}

CALLED void message_release(struct thread *t, struct object *object)
{
    uint64_t owner = object->owner;
    if (LIKELY(owner == t->id)) {
        private_push_padded(t, object, &params.pad_turns);
        return;
    }
    struct bucket *bucket = &t->buckets[owner];
    object->next = NULL;
    if (bucket->first)
        bucket->last->next = object;
    else
        bucket->first = object;
    bucket->last = object;
    t->n[REMOTE_FREES]++;
    if (++t->pending == PENDING)
        post(t);
}

/* thread-cache-remote-cas: a foreign object goes onto its owner's list at once; the owner takes that list whole */

CALLED struct object *remote_slow(struct thread *t)
{
    if (__atomic_load_n(&t->remote->head, __ATOMIC_RELAXED)) {
        struct object *object = __atomic_exchange_n(&t->remote->head, NULL, __ATOMIC_ACQUIRE);
        t->n[DRAINS]++;
        t->local = object->next;
        return object;
    }
    return private_refill(t);
}

CALLED struct object *remote_allocate(struct thread *t)
{
    struct object *object = private_pop(t);
    return LIKELY(object) ? object : remote_slow(t);
}

CALLED void remote_release(struct thread *t, struct object *object)
{
    uint64_t owner = object->owner;
    if (LIKELY(owner == t->id)) {
        private_push_padded(t, object, &params.pad_turns);
        return;
    }
    struct list *remote = threads[owner].remote;
    struct object *head = __atomic_load_n(&remote->head, __ATOMIC_RELAXED);
    t->n[REMOTE_FREES]++;
    for (;;) {
        object->next = head;
        if (LIKELY(__atomic_compare_exchange_n(&remote->head, &head, object, false, __ATOMIC_RELEASE,
                                               __ATOMIC_RELAXED)))
            return;
        t->n[CAS_FAILURES]++;
    }
}

#endif
