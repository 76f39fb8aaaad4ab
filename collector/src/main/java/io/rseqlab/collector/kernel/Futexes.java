package io.rseqlab.collector.kernel;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Tasks that wait on words of memory, first come first served. */
final class Futexes {
    private final Map<Long, ArrayDeque<Task>> waiters = new HashMap<>();

    void await(long address, Task task) {
        waiters.computeIfAbsent(address, key -> new ArrayDeque<>()).add(task);
        task.waitsOn = address;
    }

    /** A task waits no longer. */
    void forget(Task task) {
        ArrayDeque<Task> queue = waiters.get(task.waitsOn);
        if (queue != null && queue.remove(task) && queue.isEmpty()) {
            waiters.remove(task.waitsOn);
        }
        task.waitsOn = 0;
    }

    /** Takes up to {@code count} waiters off a word. */
    List<Task> wake(long address, int count) {
        List<Task> woken = new ArrayList<>();
        ArrayDeque<Task> queue = waiters.get(address);
        while (queue != null && !queue.isEmpty() && woken.size() < count) {
            Task task = queue.poll();
            task.waitsOn = 0;
            woken.add(task);
        }
        if (queue != null && queue.isEmpty()) {
            waiters.remove(address);
        }
        return woken;
    }
}
