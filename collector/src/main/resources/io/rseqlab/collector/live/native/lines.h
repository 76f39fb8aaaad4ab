/* What a line costs that two CPUs use in turns, by sequences of steps: r reads each line, address on the value before;
 * w writes them; x exchanges them, address on value. Lower case: the first CPU, upper case: the second. */
#ifndef RSEQLAB_LINES_H
#define RSEQLAB_LINES_H

#include "costs.h"

enum { TURN_LINES = 256, TURN_ROUNDS = 300, TURN_STEPS = 8 };
static struct {
    volatile uint64_t value;
} __attribute__((aligned(128))) turn_lines[TURN_LINES];
static volatile uint64_t turn_now __attribute__((aligned(128)));
static const char *turn_steps;

static double turn_act(char step)
{
    uint64_t at = 0, start = tsc();
    for (unsigned i = 0; i < TURN_LINES; i++) {
        at = (at * 5 + 97) & (TURN_LINES - 1);
        if (step == 'r')
            at ^= turn_lines[at].value & TURN_LINES;
        else if (step == 'x')
            at ^= __atomic_exchange_n(&turn_lines[at].value, 1, __ATOMIC_SEQ_CST) & TURN_LINES;
        else
            turn_lines[at].value = 1;
    }
    _mm_mfence();
    return (tsc() - start) / (double)TURN_LINES;
}

static void turn_run(bool upper)
{
    for (uint64_t round = 0; round < TURN_ROUNDS; round++)
        for (uint64_t i = 0; turn_steps[i]; i++) {
            uint64_t now = round * TURN_STEPS + i, next = turn_steps[i + 1] ? now + 1 : (round + 1) * TURN_STEPS;
            while (turn_now < now)
                ;
            if ((turn_steps[i] < 'a') == upper) {
                double cost = turn_act(turn_steps[i] | 32);
                if (!turn_steps[i + 1])
                    samples[round] = cost;
                turn_now = next;
            } else {
                while (turn_now < next)
                    ;
            }
        }
}

static void *turn_other(void *unused)
{
    (void)unused;
    pin_to(cpu_list[1]);
    turn_run(true);
    return NULL;
}

/* The cost of the last step of a sequence, in cycles a line. */
static void turn_costs(const char *name, const char *steps)
{
    turn_steps = steps;
    turn_now = 0;
    pthread_t other = helper(turn_other);
    turn_run(false);
    stop_helper(other);
    report(name, "tsc", TURN_ROUNDS);
}

static void shared_line_costs(void)
{
    turn_costs("read_of_written", "Wr");
    turn_costs("write_behind_read_of_written", "Wrw");
    turn_costs("read_of_read_of_written", "WrR");
    turn_costs("read_of_shared", "WrRr");
    turn_costs("exchange_of_written", "Wx");
    turn_costs("exchange_of_shared", "WrRx");
}

#endif
