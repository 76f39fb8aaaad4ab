package io.rseqlab.collector.live;

import io.rseqlab.trace.malloc.MallocEvent;
import io.rseqlab.trace.malloc.MallocSink;
import io.rseqlab.trace.malloc.Repairs;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/**
 * Turns recorded calls with addresses into events with numbered objects, and puts right what recorders write down
 * wrongly. The rules:
 *
 * <ol>
 *   <li>The order of lines is the recorder's. A free of an unknown address waits: if another thread is handed that
 *       address within {@value #WINDOW} calls, the two were inverted, and the free is put behind. The same the other
 *       way round: an address handed out again while it is live was freed before, and the free by another thread that
 *       follows within {@value #WINDOW} calls is the old object's. A thread's own calls are always in order.
 *   <li>If none follows, it is lost. Either way the old life ends where the address is handed out again.
 *   <li>Addresses become numbers of objects.
 *   <li>A reallocation ends one object and begins another, even in place; of nothing, it is an allocation; to nothing
 *       with size 0, a free; to nothing otherwise, it failed and the old object lives on.
 *   <li>Frees of unknown addresses are counted and pass without effect.
 * </ol>
 */
final class MallocImporter {
    /** Calls within which pairs that a recorder inverted are found; a recorder's buffers are shorter than that. */
    static final int WINDOW = 1024;

    private final MallocSink sink;
    private final MallocEvent event = new MallocEvent();
    private final Map<Long, Integer> threads = new HashMap<>();
    private final Map<Long, Integer> live = new HashMap<>();
    /** Frees that came before what they free, by address. */
    private final Map<Long, Waiting> early = new HashMap<>();
    /** Lives that ended though nobody has said so yet, by address. */
    private final Map<Long, Waiting> unfreed = new HashMap<>();

    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private long calls;
    private int nextThread;
    private int nextId;
    private long firstNanos = Long.MIN_VALUE;
    private long inverted;
    private long lost;
    private long unknown;
    private long failed;

    /** Something that may be found to be one half of an inverted pair. */
    private static final class Waiting {
        final long address;
        final long since;
        final int thread;
        final int id;
        final long timeNanos;
        boolean done;

        Waiting(long address, long since, int thread, int id, long timeNanos) {
            this.address = address;
            this.since = since;
            this.thread = thread;
            this.id = id;
            this.timeNanos = timeNanos;
        }
    }

    MallocImporter(MallocSink sink) {
        this.sink = sink;
    }

    void take(MallocCall call) {
        calls++;
        expire(calls - WINDOW);
        if (firstNanos == Long.MIN_VALUE) {
            firstNanos = call.timeNanos;
        }
        int thread = threads.computeIfAbsent(call.thread, key -> nextThread++);
        switch (call.op) {
            case ALLOCATE -> allocate(call, thread);
            case FREE -> free(call, thread);
            case REALLOCATE -> reallocate(call, thread);
            default -> {
                emit(MallocEvent.Kind.THREAD_END, call, thread, MallocEvent.NONE);
                // the system may give the number to another thread
                threads.remove(call.thread);
            }
        }
    }

    private void allocate(MallocCall call, int thread) {
        if (call.address == 0) {
            failed++;
            emit(MallocEvent.Kind.NOTHING, call, thread, MallocEvent.NONE);
        } else {
            begin(MallocEvent.Kind.ALLOCATE, call, thread, MallocEvent.NONE);
        }
    }

    private void reallocate(MallocCall call, int thread) {
        if (call.oldAddress == 0) {
            allocate(call, thread);
        } else if (call.address == 0 && call.sizeBytes == 0) {
            call.address = call.oldAddress;
            free(call, thread);
        } else if (call.address == 0) {
            failed++;
            emit(MallocEvent.Kind.NOTHING, call, thread, MallocEvent.NONE);
        } else {
            Integer old = endOf(call.oldAddress, thread);
            if (old == null) {
                unknown++;
            }
            begin(
                    old == null ? MallocEvent.Kind.ALLOCATE : MallocEvent.Kind.REALLOCATE,
                    call,
                    thread,
                    old == null ? MallocEvent.NONE : old);
        }
    }

    private void begin(MallocEvent.Kind kind, MallocCall call, int thread, int oldId) {
        Integer before = live.remove(call.address);
        if (before != null) {
            event.begin(MallocEvent.Kind.REUSED, thread).id = before;
            event.timeNanos = call.timeNanos - firstNanos;
            sink.accept(event);
            expect(unfreed, new Waiting(call.address, calls, thread, before, call.timeNanos));
        }
        int id = nextId++;
        live.put(call.address, id);
        event.begin(kind, thread);
        event.id = id;
        event.oldId = oldId;
        event.sizeBytes = Math.max(0, call.sizeBytes);
        hand(call);
        Waiting free = early.get(call.address);
        if (free != null && free.thread != thread && call.timeNanos <= free.timeNanos) {
            done(early, free);
            inverted++;
            live.remove(call.address);
            event.begin(MallocEvent.Kind.FREE, free.thread).id = id;
            event.timeNanos = free.timeNanos - firstNanos;
            sink.accept(event);
        }
    }

    private void free(MallocCall call, int thread) {
        Integer ended = call.address == 0 ? null : endOf(call.address, thread);
        if (ended != null) {
            emit(MallocEvent.Kind.FREE, call, thread, ended);
            return;
        }
        if (call.address != 0) {
            expect(early, new Waiting(call.address, calls, thread, MallocEvent.NONE, call.timeNanos));
        }
        emit(MallocEvent.Kind.NOTHING, call, thread, MallocEvent.NONE);
    }

    /** The object that a thread's free of the address ends: the one before, if its free is overdue; null for none. */
    private Integer endOf(long address, int thread) {
        Waiting old = unfreed.get(address);
        if (old != null && old.thread != thread) {
            done(unfreed, old);
            inverted++;
            return old.id;
        }
        return live.remove(address);
    }

    private void expect(Map<Long, Waiting> table, Waiting one) {
        Waiting before = table.put(one.address, one);
        if (before != null) {
            give(before);
        }
        waiting.add(one);
    }

    private static void done(Map<Long, Waiting> table, Waiting one) {
        table.remove(one.address);
        one.done = true;
    }

    /** Gives up what has waited since before a call. */
    private void expire(long before) {
        while (!waiting.isEmpty() && waiting.peek().since <= before) {
            Waiting one = waiting.remove();
            if (!one.done) {
                (one.id >= 0 ? unfreed : early).remove(one.address, one);
                give(one);
            }
        }
    }

    private void give(Waiting one) {
        one.done = true;
        if (one.id < 0) {
            unknown++;
            return;
        }
        lost++;
        event.begin(MallocEvent.Kind.LOST_FREE, one.thread).id = one.id;
        event.timeNanos = one.timeNanos - firstNanos;
        sink.accept(event);
    }

    private void emit(MallocEvent.Kind kind, MallocCall call, int thread, int id) {
        event.begin(kind, thread).id = id;
        hand(call);
    }

    private void hand(MallocCall call) {
        event.timeNanos = call.timeNanos - firstNanos;
        event.durationNanos = call.durationNanos;
        event.cpu = call.cpu;
        sink.accept(event);
    }

    /** Ends the reading; answers what was put right. */
    Repairs finish(long skippedLines) {
        expire(Long.MAX_VALUE);
        return new Repairs(inverted, lost, unknown, failed, skippedLines);
    }
}
