/* The loop of churn without restartable sequences: pop a block off a list, write a word, put it into a ring of sixteen,
 * push the block that comes out. Prints the processor seconds it has taken since its start. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define LIVE 16
#define BLOCKS 64

struct block {
    struct block *next;
    long depth;
    long owner;
    long payload;
    long rest[4];
};

static struct block blocks[BLOCKS];
static struct block *volatile head;
static struct block *ring[LIVE];
static volatile long allocations, frees, operations, stop;

static __attribute__((noinline)) struct block *take(void) {
    struct block *first = head;
    head = first->next;
    return first;
}

static __attribute__((noinline)) void give(struct block *block) {
    struct block *first = head;
    block->next = first;
    block->depth = first ? first->depth + 1 : 1;
    head = block;
}

int main(int argc, char **argv) {
    long turns = argc > 1 ? atol(argv[1]) : 1000;
    int position = 0;
    for (int i = 0; i < BLOCKS; i++) {
        give(&blocks[i]);
    }
    for (long i = 0; i < turns && !stop; i++) {
        struct block *block = take();
        allocations++;
        block->payload = 1;
        struct block *old = ring[position];
        ring[position] = block;
        position = position + 1 == LIVE ? 0 : position + 1;
        if (old) {
            if (old->payload != 1) {
                operations--;
            }
            give(old);
            frees++;
        }
        operations++;
    }
    printf("%f\n", (double)clock() / CLOCKS_PER_SEC);
    return 0;
}
