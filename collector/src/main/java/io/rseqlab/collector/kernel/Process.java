package io.rseqlab.collector.kernel;

import io.rseqlab.collector.machine.Memory;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the threads of the simulated process share in the kernel. There is one process; its memory is all of memory. */
final class Process {
    /** Highest number of a signal: _NSIG. */
    static final int SIGNALS = 64;

    private final Map<Integer, Task> tasks = new HashMap<>();
    /** Instruction pointers of signal handlers by number, 0 for the default. */
    private final long[] handlers = new long[SIGNALS + 1];
    /** Commands with which it has said that it will use membarrier. */
    int membarriers;
    /** First address behind its heap, 0 if it has not asked for one. */
    private long heapEnd;

    private int alive;
    /** Threads that will begin in the place of one that has ended. */
    private int awaited;

    private int nextThread;

    /** A thread starts. */
    void started(Task task) {
        tasks.put(task.id(), task);
        nextThread = Math.max(nextThread, task.id() + 1);
        alive++;
    }

    /** A thread has ended. */
    void ended(Task task) {
        task.state = Task.State.EXITED;
        alive--;
    }

    /** A thread that is about to end will be followed by another. */
    void awaitsAnother() {
        awaited++;
    }

    /** The thread that follows another begins. */
    void follows(Task task) {
        awaited--;
        started(task);
    }

    /** Threads that have not ended, and those that will begin in the place of one that has. */
    int alive() {
        return alive + awaited;
    }

    /** A number that no thread has had. */
    int nextThread() {
        return nextThread;
    }

    /** The thread of a number; null if it has ended or never was. */
    Task thread(long number) {
        Task task = number < 0 || number > Integer.MAX_VALUE ? null : tasks.get((int) number);
        return task == null || task.state == Task.State.EXITED ? null : task;
    }

    /** Threads that sleep until a timer beyond a cycle, in the order of their numbers. */
    List<Task> sleepers(long now) {
        return tasks.values().stream()
                .filter(task -> task.state == Task.State.BLOCKED && task.waitsOn == 0 && task.wakeAt > now)
                .sorted(Comparator.comparingInt(Task::id))
                .toList();
    }

    long handler(int signal) {
        return handlers[signal];
    }

    void handler(int signal, long pointer) {
        handlers[signal] = pointer;
    }

    /** Another program has taken the place of this one. */
    void executed() {
        Arrays.fill(handlers, 0);
        membarriers = 0;
    }

    /** brk: answers the first address behind the heap; one that lies before what is mapped changes nothing. */
    long heap(long end, Memory memory) {
        heapEnd = Math.max(heapEnd, memory.end());
        if (end >= memory.end()) {
            heapEnd = end;
        }
        return heapEnd;
    }

    /** Maps the heap's pages up to an address that was touched; false if it is not in the heap, or memory is full. */
    boolean faultIn(long address, Memory memory) {
        long missing = address + 1 - memory.end();
        if (missing <= 0 || address >= heapEnd || !memory.fits(missing)) {
            return false;
        }
        memory.extend(missing);
        return true;
    }
}
