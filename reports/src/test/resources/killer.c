// Preloaded into a program, counts what it does to files below a folder and kills it there, as kill -9 does.
//   KILLER_UNDER  the folder
//   KILLER_ONLY   the one call that counts, as rename; all of them if empty
//   KILLER_AT     at which event; each call is two, before and after. Before a write half of it is written.
//   KILLER_LOG    file that gets a line with what was hit
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static atomic_long events;

static const char *setting(const char *name) {
    const char *value = getenv(name);
    return value ? value : "";
}

static int hit(const char *call, const char *when, const char *path) {
    const char *under = setting("KILLER_UNDER"), *only = setting("KILLER_ONLY");
    if (!path || !*under || strncmp(path, under, strlen(under)) || (*only && strcmp(only, call))) return 0;
    long event = atomic_fetch_add(&events, 1) + 1, at = atol(setting("KILLER_AT"));
    if (event == at) {
        FILE *log = fopen(setting("KILLER_LOG"), "a");
        if (log) {
            fprintf(log, "%s %s %s\n", call, when, path + strlen(under));
            fclose(log);
        }
    }
    // Other threads come no further, and leave it to the one that wrote the log.
    while (at && event > at) pause();
    return event == at;
}

static void die(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

#define AROUND(call, path, real)                                                                                       \
    do {                                                                                                               \
        if (hit(call, "before", path)) die();                                                                          \
        __typeof__(real) result = real;                                                                                \
        if (hit(call, "after", path)) die();                                                                           \
        return result;                                                                                                 \
    } while (0)

int rename(const char *from, const char *to) { AROUND("rename", from, REAL(rename)(from, to)); }

int mkdir(const char *path, mode_t mode) { AROUND("mkdir", path, REAL(mkdir)(path, mode)); }

int unlink(const char *path) { AROUND("remove", path, REAL(unlink)(path)); }

int rmdir(const char *path) { AROUND("remove", path, REAL(rmdir)(path)); }

// Files that are opened to be read are no event.
#define OPEN(name)                                                                                                     \
    int name(const char *path, int flags, ...) {                                                                       \
        va_list more;                                                                                                  \
        va_start(more, flags);                                                                                         \
        mode_t mode = va_arg(more, mode_t);                                                                            \
        va_end(more);                                                                                                  \
        AROUND("open", flags & O_CREAT ? path : NULL, REAL(name)(path, flags, mode));                                  \
    }
OPEN(open)
OPEN(open64)

ssize_t write(int file, const void *data, size_t length) {
    char link[32], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t known = readlink(link, path, sizeof path - 1);
    path[known < 0 ? 0 : known] = 0;
    if (hit("write", "before", path)) {
        if (REAL(write)(file, data, length / 2) >= 0) die();
        die();
    }
    ssize_t written = REAL(write)(file, data, length);
    if (hit("write", "after", path)) die();
    return written;
}
