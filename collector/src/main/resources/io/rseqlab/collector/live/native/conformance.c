/* What the kernel of this machine does about restartable sequences, one rule at a time.
 *
 *   cc -O2 -pthread -o conformance conformance.c
 *   conformance [--area-bytes N] [ID...]       all rules, or those named
 *
 * Prints one line per rule, fields separated by tabs:
 *   ID  OUTCOME  NOTE         the outcome, and how it was come by (attempts; may be empty)
 *   ID  -        REASON       the rule cannot be shown here
 *
 * The program starts itself again with glibc told not to register areas, and each probe runs in a child of its own:
 * it registers what it needs and may be killed. A probe that must see that something did *not* happen (a switch) reads
 * the switch counters around each attempt and tries again; one that needs something to happen likewise.
 *
 * Exit codes: 0 done, 1 failure, 2 usage, 3 no rseq here. */
#define _GNU_SOURCE
#include "probes.h"
#include "registration.h"
#include "fields.h"
#include "aborts.h"
#include "descriptors.h"
#include "family.h"
#include "slice.h"

#define ANSWER_MS 20000
#define CHILD_ARGUMENT "--registered-child"

static const struct probe *const tables[] = { registration_probes, field_probes, abort_probes, descriptor_probes,
                                              family_probes, slice_probes };

/* Starts the program again without glibc's registration, unless that has been done. */
static void start_unregistered(char **argv)
{
    if (rseq(own.bytes, area_bytes, 0, SIGNATURE) == 0) {
        rseq(own.bytes, area_bytes, UNREGISTER, SIGNATURE);
        return;
    }
    if (errno == ENOSYS || errno == EPERM || errno == EACCES)
        die(3, "no rseq on this kernel, or a filter forbids it: %s", strerror(errno));
    if (getenv("RSEQLAB_UNREGISTERED"))
        die(3, "the C library registers an rseq area in spite of glibc.pthread.rseq=0");
    setenv("RSEQLAB_UNREGISTERED", "1", 1);
    setenv("GLIBC_TUNABLES", "glibc.pthread.rseq=0", 1);
    execv("/proc/self/exe", argv);
    die(1, "cannot start itself again: %s", strerror(errno));
}

/* Runs a probe in a child and prints its line. */
static void run(const struct probe *probe)
{
    int ends[2];
    if (pipe(ends))
        die(1, "pipe: %s", strerror(errno));
    fflush(stdout);
    pid_t child = fork();
    if (child < 0)
        die(1, "fork: %s", strerror(errno));
    if (child == 0) {
        close(ends[0]);
        answer_end = ends[1];
        setpgid(0, 0);
        rest_of_line[0] = 0;
        answer(probe->run(), rest_of_line);
        _exit(0);
    }
    close(ends[1]);
    char line[512];
    size_t length = 0;
    struct pollfd wait = { .fd = ends[0], .events = POLLIN };
    bool late = false;
    while (length < sizeof line - 1) {
        if (poll(&wait, 1, ANSWER_MS) <= 0) {
            late = true;
            break;
        }
        ssize_t got = read(ends[0], line + length, sizeof line - 1 - length);
        if (got <= 0)
            break;
        length += (size_t)got;
        if (memchr(line, '\n', length))
            break;
    }
    line[length] = 0;
    close(ends[0]);
    if (late)
        kill(child, SIGKILL);
    int status;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    kill(-child, SIGKILL); /* competitors that a killed probe has left */
    line[strcspn(line, "\n")] = 0;
    if (late)
        printf("%s\t-\tno answer within %d s\n", probe->id, ANSWER_MS / 1000);
    else if (length)
        printf("%s\t%s\n", probe->id, line);
    else if (WIFSIGNALED(status))
        printf("%s\t%s\t\n", probe->id, WTERMSIG(status) == SIGSEGV ? "SIGSEGV" : strsignal(WTERMSIG(status)));
    else
        printf("%s\t-\tthe probe ended with code %d and no answer\n", probe->id, WEXITSTATUS(status));
}

int main(int argc, char **argv)
{
    const char *length = getenv(LENGTH_VARIABLE);
    if (length)
        area_bytes = (unsigned)atoi(length);
    if (argc == 3 && !strcmp(argv[1], CHILD_ARGUMENT)) {
        answer_end = atoi(argv[2]);
        answer(name_of(rseq(own.bytes, area_bytes, 0, SIGNATURE)), "");
        return 0;
    }
    if (argc > 2 && !strcmp(argv[1], "--area-bytes")) {
        area_bytes = (unsigned)atoi(argv[2]);
        if (area_bytes < 32 || area_bytes > 64)
            die(2, "--area-bytes: 32 to 64, not %s", argv[2]);
        setenv(LENGTH_VARIABLE, argv[2], 1);
        argv[2] = argv[0];
        argv += 2;
        argc -= 2;
    }
    start_unregistered(argv);
    find_cpus();
    calibrate();
    bool all = argc == 1;
    int named = 0;
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
        for (const struct probe *probe = tables[t]; probe->id; probe++) {
            bool wanted = all;
            for (int i = 1; i < argc; i++)
                wanted |= !strcmp(argv[i], probe->id);
            if (wanted)
                run(probe);
            named += wanted;
        }
    if (!named)
        die(2, "no probe is called '%s'", argv[1]);
    return 0;
}
