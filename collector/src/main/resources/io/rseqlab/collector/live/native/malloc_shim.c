/* Records the malloc calls of the program that it is preloaded into (LD_PRELOAD): thread, CPU, time, size, address.
 *
 * Records go into a file that is mapped shared, so that nothing is lost however the program ends: exit, _exit, exec,
 * a signal. Each thread writes into a chunk of its own; the kernel's zeros say where it ends. The file is named after
 * the process in the folder RSEQLAB_MALLOC_OUT; a fork and an exec begin files of their own. The shim never calls
 * malloc, holds no lock, keeps no file open, and leaves errno as it was. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

enum { CHUNK = 1 << 16, HEADER = 4096, ARENA = 1 << 16, PATH_MOST = 3000, NAME = 16 };
enum { ALLOCATE = 1, FREE = 2, REALLOCATE = 3 };
enum { BATCHES = 9 };

static const char MAGIC[8] = "rsqmallo";

/* The first page of a file. Ticks and nanoseconds are the same two moments in both clocks. */
struct header {
    char magic[8];
    uint32_t version, chunk_bytes, header_bytes, pid;
    uint64_t first_ticks, first_nanos, last_ticks, last_nanos;
    uint64_t picos_per_call;
    _Atomic uint64_t end, dropped;
    char name[NAME];
    uint64_t picos_outside; /* of picos_per_call, what lies between two calls and not in one */
};

struct record {
    uint64_t ticks, size, address, old;
    uint32_t duration;
    uint16_t cpu;
    uint16_t op; /* last: a record with 0 here is none */
};

struct chunk {
    char magic[8];
    uint32_t thread, unused;
    uint64_t ticks; /* what it took to get it, behind the first of its calls */
    uint64_t more[5];
    struct record records[];
};

enum { RECORDS = (CHUNK - sizeof(struct chunk)) / sizeof(struct record) };

struct thread {
    struct chunk *chunk;
    struct record *next, *end;
    uint32_t number;
    int numbered, inside;
};

static struct {
    void *(*malloc)(size_t);
    void (*free)(void *);
    void *(*calloc)(size_t, size_t);
    void *(*realloc)(void *, size_t);
    void *(*memalign)(size_t, size_t);
    int (*posix_memalign)(void **, size_t, size_t);
    void *(*aligned_alloc)(size_t, size_t);
} real;

/* The initial-exec model: reaching it allocates nothing. */
static __thread struct thread self __attribute__((tls_model("initial-exec")));
static struct header *header;
static char path[PATH_MOST + 64];
static _Atomic uint32_t threads;
static pthread_key_t key;
static int resolving, ready;
static _Atomic int full;

/* What is asked for while the real functions are looked up; never given back. */
static char arena[ARENA] __attribute__((aligned(64)));
static size_t arena_used;

static void *early(size_t size, size_t alignment) {
    size_t begin = (arena_used + 16 + alignment - 1) & -alignment;
    if (begin + size > ARENA) {
        return NULL;
    }
    *(size_t *)(arena + begin - sizeof(size_t)) = size;
    arena_used = begin + size;
    return arena + begin;
}

static int is_early(const void *p) {
    return (const char *)p >= arena && (const char *)p < arena + ARENA;
}

static uint64_t nanos(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* The time, and the CPU it was looked at. */
static inline uint64_t now(uint16_t *cpu) {
#if defined(__x86_64__)
    uint32_t low, high, aux;
    __asm__ volatile("rdtscp" : "=a"(low), "=d"(high), "=c"(aux));
    *cpu = (uint16_t)(aux & 0xfff); /* Linux: node << 12 | CPU */
    return (uint64_t)high << 32 | low;
#else
    *cpu = (uint16_t)sched_getcpu();
    return nanos();
#endif
}

static void *map(uint64_t offset, size_t bytes, int flags) {
    void *place = MAP_FAILED;
    int fd = open(path, O_RDWR | O_CLOEXEC | flags, 0600);
    if (fd >= 0) {
        /* Blocks of the disk, too: else a full disk would kill the program when it writes. */
        if (posix_fallocate(fd, (off_t)offset, (off_t)bytes) == 0) {
            /* All pages at once: else the first call in each would take a fault for the recording's. */
            place = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, (off_t)offset);
        }
        close(fd);
    }
    return place == MAP_FAILED ? NULL : place;
}

static struct chunk *new_chunk(void) {
    if (!header || atomic_load(&full)) {
        return NULL;
    }
    uint16_t cpu;
    struct chunk *chunk = map(atomic_fetch_add(&header->end, CHUNK), CHUNK, 0);
    if (chunk) {
        if (!self.numbered) {
            self.number = atomic_fetch_add(&threads, 1);
            self.numbered = 1;
        }
        chunk->thread = self.number;
        memcpy(chunk->magic, MAGIC, sizeof MAGIC);
        header->last_nanos = nanos();
        header->last_ticks = now(&cpu);
    } else {
        atomic_store(&full, 1); /* what is recorded has no holes: nobody tries again */
    }
    return chunk;
}

/* A place for the record of a call that ended; NULL where there is none left, which is counted. */
static __attribute__((noinline)) struct record *next_chunk(uint64_t ended) {
    int error = errno, inside = self.inside;
    self.inside = 1;
    if (self.chunk) {
        munmap(self.chunk, CHUNK);
    }
    self.chunk = new_chunk();
    if (self.chunk) {
        self.next = self.chunk->records;
        self.end = self.next + RECORDS;
        pthread_setspecific(key, self.chunk);
        uint16_t cpu;
        self.chunk->ticks = now(&cpu) - ended;
    } else {
        self.next = self.end = NULL;
        if (header) {
            atomic_fetch_add(&header->dropped, 1);
        }
    }
    self.inside = inside;
    errno = error;
    return self.next ? self.next++ : NULL;
}

static inline void record(int op, uint64_t begin, uint64_t size, const void *address, const void *old) {
    uint16_t cpu;
    uint64_t end = now(&cpu);
    struct record *r = self.next != self.end ? self.next++ : next_chunk(end);
    if (r) {
        r->ticks = begin;
        r->size = size;
        r->address = (uintptr_t)address;
        r->old = (uintptr_t)old;
        r->duration = end - begin > UINT32_MAX ? UINT32_MAX : (uint32_t)(end - begin);
        r->cpu = cpu;
        __atomic_store_n(&r->op, (uint16_t)op, __ATOMIC_RELEASE);
    }
}

static void thread_ends(void *chunk) {
    if (self.chunk == chunk) {
        self.chunk = NULL;
        self.next = self.end = NULL;
    }
    munmap(chunk, CHUNK);
}

/* The middle of some numbers, which it sorts. */
static uint64_t middle(uint64_t *numbers, int count) {
    for (int i = 1; i < count; i++) {
        for (int place = i; place > 0 && numbers[place - 1] > numbers[place]; place--) {
            uint64_t other = numbers[place];
            numbers[place] = numbers[place - 1];
            numbers[place - 1] = other;
        }
    }
    return numbers[count / 2];
}

/* Finds what a call costs more for being recorded: fills chunks, which are given back and leave nothing in the file. */
static void measure(void) {
    uint64_t costs[BATCHES], outside[BATCHES];
    int batches = 0;
    uint16_t cpu;
    for (; batches < BATCHES; batches++) {
        record(ALLOCATE, now(&cpu), 0, path, NULL);
        struct chunk *chunk = self.chunk;
        if (!chunk) {
            break;
        }
        uint64_t first_ticks = now(&cpu), first_nanos = nanos(), inside = 0;
        for (int i = 1; i < RECORDS; i++) {
            record(ALLOCATE, now(&cpu), (uint64_t)i, path, NULL);
        }
        uint64_t ticks = now(&cpu) - first_ticks;
        costs[batches] = (nanos() - first_nanos) * 1000 / (RECORDS - 1);
        for (int i = 1; i < RECORDS; i++) {
            inside += chunk->records[i].duration;
        }
        outside[batches] = ticks > inside ? costs[batches] * (ticks - inside) / ticks : 0;
        memset(chunk, 0, CHUNK);
    }
    if (self.chunk) {
        munmap(self.chunk, CHUNK);
        pthread_setspecific(key, NULL);
    }
    self.chunk = NULL;
    self.next = self.end = NULL;
    self.numbered = 0;
    atomic_store(&threads, 0);
    atomic_store(&full, 0);
    atomic_store(&header->end, HEADER);
    if (batches > 0) {
        header->picos_per_call = middle(costs, batches);
        header->picos_outside = middle(outside, batches);
    }
    atomic_store(&header->dropped, 0);
}

/* Begins the file of this process. */
static void begin_file(void) {
    const char *folder = getenv("RSEQLAB_MALLOC_OUT");
    header = NULL;
    if (!folder || strlen(folder) > PATH_MOST) {
        return;
    }
    for (int image = 0; image < 1000 && !header; image++) {
        snprintf(path, sizeof path, "%s/%ld.%d", folder, (long)getpid(), image);
        if (access(path, F_OK) != 0) {
            header = map(0, HEADER, O_CREAT | O_EXCL);
        }
    }
    if (!header) {
        return;
    }
    uint16_t cpu;
    memcpy(header->magic, MAGIC, sizeof MAGIC);
    header->chunk_bytes = CHUNK;
    header->header_bytes = HEADER;
    header->pid = (uint32_t)getpid();
    header->first_nanos = nanos();
    header->first_ticks = now(&cpu);
    prctl(PR_GET_NAME, header->name);
    atomic_store(&header->end, HEADER);
    measure();
    header->last_nanos = nanos();
    header->last_ticks = now(&cpu);
    header->version = 1;
}

static void in_child(void) {
    int error = errno;
    self.inside = 1;
    if (self.chunk) {
        munmap(self.chunk, CHUNK);
    }
    if (header) {
        munmap(header, HEADER);
    }
    memset(&self, 0, sizeof self);
    self.inside = 1;
    atomic_store(&threads, 0);
    begin_file();
    self.inside = 0;
    errno = error;
}

static void resolve(void) {
    if (real.free || resolving) {
        return;
    }
    resolving = 1;
    real.malloc = dlsym(RTLD_NEXT, "malloc");
    real.calloc = dlsym(RTLD_NEXT, "calloc");
    real.realloc = dlsym(RTLD_NEXT, "realloc");
    real.memalign = dlsym(RTLD_NEXT, "memalign");
    real.posix_memalign = dlsym(RTLD_NEXT, "posix_memalign");
    real.aligned_alloc = dlsym(RTLD_NEXT, "aligned_alloc");
    real.free = dlsym(RTLD_NEXT, "free");
    resolving = 0;
}

/* Before the program's main and its constructors, but perhaps behind calls that constructors of others make. */
static __attribute__((constructor(101))) void start(void) {
    if (ready) {
        return;
    }
    ready = 1;
    resolve();
    self.inside = 1;
    pthread_key_create(&key, thread_ends);
    pthread_atfork(NULL, NULL, in_child);
    begin_file();
    self.inside = 0;
}

/* True if a call is to be recorded; else it goes to the real function, or to the arena while there is none. */
static inline int recorded(void) {
    if (UNLIKELY(!ready) && !resolving) {
        start();
    }
    return !UNLIKELY(resolving) && !UNLIKELY(self.inside);
}

EXPORT void *malloc(size_t size) {
    uint16_t cpu;
    if (!recorded()) {
        return real.malloc ? real.malloc(size) : early(size, 16);
    }
    uint64_t begin = now(&cpu);
    void *p = real.malloc(size);
    record(ALLOCATE, begin, size, p, NULL);
    return p;
}

EXPORT void free(void *p) {
    uint16_t cpu;
    if (UNLIKELY(is_early(p))) {
        return;
    }
    if (!recorded()) {
        if (real.free) {
            real.free(p);
        }
        return;
    }
    uint64_t begin = now(&cpu);
    real.free(p);
    record(FREE, begin, 0, p, NULL);
}

EXPORT void *calloc(size_t count, size_t size) {
    uint16_t cpu;
    if (!recorded()) {
        return real.calloc ? real.calloc(count, size) : early(count * size, 16);
    }
    uint64_t begin = now(&cpu);
    void *p = real.calloc(count, size);
    record(ALLOCATE, begin, count * size, p, NULL);
    return p;
}

EXPORT void *realloc(void *old, size_t size) {
    uint16_t cpu;
    if (UNLIKELY(is_early(old))) {
        void *p = malloc(size);
        size_t had = *(size_t *)((char *)old - sizeof(size_t));
        return p ? memcpy(p, old, had < size ? had : size) : NULL;
    }
    if (!recorded()) {
        return real.realloc ? real.realloc(old, size) : early(size, 16);
    }
    uint64_t begin = now(&cpu);
    void *p = real.realloc(old, size);
    record(REALLOCATE, begin, size, p, old);
    return p;
}

EXPORT void *reallocarray(void *old, size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(old, bytes);
}

EXPORT void *memalign(size_t alignment, size_t size) {
    uint16_t cpu;
    if (!recorded()) {
        return real.memalign ? real.memalign(alignment, size) : early(size, alignment);
    }
    uint64_t begin = now(&cpu);
    void *p = real.memalign(alignment, size);
    record(ALLOCATE, begin, size, p, NULL);
    return p;
}

EXPORT void *aligned_alloc(size_t alignment, size_t size) {
    uint16_t cpu;
    if (!recorded()) {
        return real.aligned_alloc ? real.aligned_alloc(alignment, size) : early(size, alignment);
    }
    uint64_t begin = now(&cpu);
    void *p = real.aligned_alloc(alignment, size);
    record(ALLOCATE, begin, size, p, NULL);
    return p;
}

EXPORT int posix_memalign(void **place, size_t alignment, size_t size) {
    uint16_t cpu;
    if (!recorded()) {
        if (real.posix_memalign) {
            return real.posix_memalign(place, alignment, size);
        }
        *place = early(size, alignment);
        return *place ? 0 : ENOMEM;
    }
    uint64_t begin = now(&cpu);
    int failed = real.posix_memalign(place, alignment, size);
    record(ALLOCATE, begin, size, failed ? NULL : *place, NULL);
    return failed;
}

EXPORT void *valloc(size_t size) {
    return memalign((size_t)sysconf(_SC_PAGESIZE), size);
}

EXPORT void *pvalloc(size_t size) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return memalign(page, (size + page - 1) & -page);
}
