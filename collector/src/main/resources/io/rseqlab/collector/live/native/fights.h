/* Two CPUs that take and release one lock: how often it goes from one to the other, and how many pairs of operations lie
 * between. Tells for how long a core keeps a line that another waits for. Part of driver.c. */
#ifndef RSEQLAB_FIGHTS_H
#define RSEQLAB_FIGHTS_H

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>

enum { FIGHT_MS = 60 };

static struct {
    volatile uint64_t locked;
    uint64_t owner, changes;
} __attribute__((aligned(128))) prize;

struct fighter {
    uint64_t id, inside, outside, pairs, looks;
    pthread_t handle;
} __attribute__((aligned(128)));

static volatile bool fight_over __attribute__((aligned(128)));

static void *fight(void *argument)
{
    struct fighter *f = argument;
    uint64_t pairs = 0, looks = 0, one;
    pin_to(cpu_list[f->id]);
    while (!fight_over) {
        looks++;
        if (prize.locked == 0) {
            one = 1;
            __asm__ volatile("xchg %0, %1" : "+r"(one), "+m"(prize.locked) : : "memory");
            if (one == 0) {
                if (prize.owner != f->id) {
                    prize.owner = f->id;
                    prize.changes++;
                }
                spend(f->inside);
                prize.locked = 0;
                pairs++;
                spend(f->outside);
                continue;
            }
        }
        __builtin_ia32_pause();
    }
    f->pairs = pairs;
    f->looks = looks;
    return NULL;
}

static void one_fight(uint64_t inside, uint64_t outside)
{
    struct fighter f[2] = {{.id = 0, .inside = inside, .outside = outside},
                           {.id = 1, .inside = inside, .outside = outside}};
    fight_over = false;
    prize.changes = 0;
    double start = seconds_of(CLOCK_MONOTONIC);
    for (int i = 0; i < 2; i++)
        if (pthread_create(&f[i].handle, NULL, fight, &f[i]) != 0)
            die(1, "pthread_create");
    sleep_ms(FIGHT_MS);
    fight_over = true;
    for (int i = 0; i < 2; i++)
        pthread_join(f[i].handle, NULL);
    double seconds = seconds_of(CLOCK_MONOTONIC) - start, pairs = f[0].pairs + f[1].pairs;
    double changes = prize.changes ? prize.changes : 1;
    printf("{\"inside_turns\":%lu,\"outside_turns\":%lu,\"pairs_per_s\":%.0f,\"pairs_per_change\":%.2f,"
           "\"ns_per_change\":%.1f,\"looks_per_pair\":%.3f,\"line_transfer_ns\":%.1f}",
           inside, outside, pairs / seconds, pairs / changes, seconds * 1e9 / changes,
           (f[0].looks + f[1].looks) / pairs, transfer_ns());
}

static void probe_fights(void)
{
    static const uint64_t turns[][2] = {{0, 0}, {5, 20}, {5, 100}, {20, 0}};
    if (cpu_count < 2)
        die(2, "--probe-fights: needs two CPUs");
    printf("{\"probe\":\"fights\",\"format\":1,\"fights\":[");
    for (unsigned i = 0; i < sizeof turns / sizeof *turns; i++) {
        printf("%s", i ? "," : "");
        one_fight(turns[i][0], turns[i][1]);
    }
    printf("]}\n");
}

#endif
