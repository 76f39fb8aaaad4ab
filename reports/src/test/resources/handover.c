/* Two producers each hand OBJECTS objects of SIZE bytes to a consumer through a ring; every KEEP-th is kept by nobody.
 * Says itself what it did: objects of that size, those freed, those freed by another thread than the allocating one. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAIRS = 2, OBJECTS = 3000, SIZE = 10007, OWN = 5003, RING = 64, KEEP = 100 };

struct ring {
    void *slots[RING];
    unsigned long head, tail;
    pthread_mutex_t mutex;
    pthread_cond_t change;
};

static struct ring rings[PAIRS];
static long allocated[PAIRS], freed[PAIRS], own[PAIRS];

static void *produce(void *argument) {
    long me = (long)argument;
    struct ring *ring = &rings[me];
    for (int i = 0; i < OBJECTS; i++) {
        char *object = malloc(SIZE);
        memset(object, 1, 64);
        allocated[me]++;
        char *mine = malloc(OWN);
        *(volatile char *)mine = 1;
        free(mine);
        own[me]++;
        pthread_mutex_lock(&ring->mutex);
        while (ring->head - ring->tail == RING) {
            pthread_cond_wait(&ring->change, &ring->mutex);
        }
        ring->slots[ring->head++ % RING] = object;
        pthread_cond_signal(&ring->change);
        pthread_mutex_unlock(&ring->mutex);
    }
    return NULL;
}

static void *consume(void *argument) {
    long me = (long)argument;
    struct ring *ring = &rings[me];
    for (int i = 0; i < OBJECTS; i++) {
        pthread_mutex_lock(&ring->mutex);
        while (ring->head == ring->tail) {
            pthread_cond_wait(&ring->change, &ring->mutex);
        }
        void *object = ring->slots[ring->tail++ % RING];
        pthread_cond_signal(&ring->change);
        pthread_mutex_unlock(&ring->mutex);
        if (i % KEEP != 0) {
            free(object);
            freed[me]++;
        }
    }
    return NULL;
}

int main(void) {
    pthread_t threads[2 * PAIRS];
    for (long i = 0; i < PAIRS; i++) {
        pthread_mutex_init(&rings[i].mutex, NULL);
        pthread_cond_init(&rings[i].change, NULL);
        pthread_create(&threads[2 * i], NULL, produce, (void *)i);
        pthread_create(&threads[2 * i + 1], NULL, consume, (void *)i);
    }
    for (int i = 0; i < 2 * PAIRS; i++) {
        pthread_join(threads[i], NULL);
    }
    FILE *said = fopen("said.txt", "w");
    fprintf(said, "%ld %ld %ld\n", allocated[0] + allocated[1], freed[0] + freed[1], own[0] + own[1]);
    return fclose(said);
}
