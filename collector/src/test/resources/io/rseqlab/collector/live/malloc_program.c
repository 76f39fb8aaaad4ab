/* A program whose malloc calls are known: each kind of object has a size of its own, which nothing else asks for.
 * THREADS threads allocate OBJECTS each; every fourth is freed by the next thread, the last KEPT by nobody, the others
 * by who allocated them. Then a child ends without exit, and the program becomes itself again and is killed. */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 4, OBJECTS = 3000, KEPT = 10 };
enum { OBJECT = 10007, SMALL = 20011, LARGE = 20021, CALLOC = 5003, ALIGNED = 6007, LAST = 7001 };
enum { IN_CHILD = 30011, IN_SECOND = 40009, CHILD_OBJECTS = 123, SECOND_OBJECTS = 77 };

static char *objects[THREADS][OBJECTS];
static pthread_barrier_t barrier;
static pthread_key_t key;

static void *thread(void *argument) {
    long me = (long)argument;
    pthread_setspecific(key, malloc(LAST)); /* freed when the thread has ended */
    for (int i = 0; i < OBJECTS; i++) {
        objects[me][i] = malloc(OBJECT);
        memset(objects[me][i], 1, 16);
    }
    for (int i = 0; i < 50; i++) {
        free(realloc(malloc(SMALL), LARGE));
    }
    for (int i = 0; i < 7; i++) {
        void *aligned;
        free(calloc(3, CALLOC));
        if (posix_memalign(&aligned, 64, ALIGNED)) {
            abort();
        }
        free(aligned);
        free(NULL);
    }
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < OBJECTS - KEPT; i++) {
        free(objects[i % 4 == 0 ? (me + 1) % THREADS : me][i]);
    }
    return NULL;
}

int main(int count, char **words) {
    if (count > 1) {
        for (int i = 0; i < SECOND_OBJECTS; i++) {
            *(volatile char *)malloc(IN_SECOND) = 1;
        }
        raise(SIGKILL);
    }
    pthread_t threads[THREADS];
    pthread_key_create(&key, free);
    pthread_barrier_init(&barrier, NULL, THREADS);
    for (long i = 0; i < THREADS; i++) {
        pthread_create(&threads[i], NULL, thread, (void *)i);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    pid_t child = fork();
    if (child == 0) {
        for (int i = 0; i < CHILD_OBJECTS; i++) {
            *(volatile char *)malloc(IN_CHILD) = 1;
        }
        _exit(0);
    }
    waitpid(child, NULL, 0);
    execl(words[0], words[0], "second", (char *)NULL);
    return 1;
}
