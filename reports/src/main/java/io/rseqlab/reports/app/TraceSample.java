package io.rseqlab.reports.app;

import io.rseqlab.trace.malloc.MallocEvent;
import io.rseqlab.trace.malloc.MallocOrigin;
import io.rseqlab.trace.malloc.MallocTrace;
import io.rseqlab.trace.malloc.MallocTraceWriter;
import io.rseqlab.trace.malloc.Repairs;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * A shorter malloc trace that stands for a long one: windows spread over the whole of it, since the beginning of a
 * program may be another program than the rest, one in each of as many equal shares; there it lies where the windows
 * hold as much of what is handed over between threads as the trace does. What an object that a window touches went
 * through between windows is in it too, so that every free finds its object and nothing is left that the program had
 * freed; of such calls the time is cut out, and the windows follow each other without a gap.
 *
 * @param file where it lies
 * @param events all of its calls
 * @param between of these how many lie between windows
 * @param windows number of windows; 1 for the whole trace
 * @param threads that make calls in it
 */
record TraceSample(Path file, long events, long between, int windows, int threads) {
    private static final long LEAST_WINDOW_EVENTS = 500;
    private static final long MOST_WINDOWS = 16;

    /** The whole trace as its own sample. */
    static TraceSample whole(Path file, long events, int threads) {
        return new TraceSample(file, events, 0, 1, threads);
    }

    /** Calls inside of windows. */
    long inside() {
        return events - between;
    }

    /**
     * Writes a sample.
     *
     * @param total calls of the trace
     * @param wanted calls inside of windows: all of the trace if they are as many
     */
    static TraceSample write(Path trace, long total, MallocOrigin origin, Path to, long wanted) {
        long inside = Math.min(total, wanted);
        int windows = inside == total ? 1 : (int) Math.max(1, Math.min(MOST_WINDOWS, inside / LEAST_WINDOW_EVENTS));
        Windows places = Windows.of(trace, total, windows, inside / windows);
        BitSet touched = new BitSet();
        long[] index = {0};
        MallocTrace.read(trace, event -> {
            if (places.has(index[0])) {
                mark(touched, event.id);
                mark(touched, event.oldId);
            }
            index[0] += event.kind == MallocEvent.Kind.REUSED ? 0 : 1;
        });
        try (MallocTraceWriter writer = new MallocTraceWriter(to)) {
            Cutter cutter = new Cutter(places, touched, writer);
            MallocTrace.read(trace, cutter::accept);
            writer.finish(origin, Repairs.NONE);
            return new TraceSample(to, cutter.written, cutter.between, windows, cutter.threads.size());
        }
    }

    private static void mark(BitSet touched, int id) {
        if (id >= 0) {
            touched.set(id);
        }
    }

    /**
     * Windows of one length, each in its share of the trace.
     *
     * @param from where each begins
     */
    private record Windows(long total, long length, long[] from) {
        /** Where the frees of windows so far are as remote as those of the trace up to there. */
        static Windows of(Path trace, long total, int count, long length) {
            if (length == total) {
                return new Windows(total, length, new long[1]);
            }
            HandOver handOver = new HandOver(total, length);
            MallocTrace.read(trace, handOver);
            return new Windows(total, length, handOver.windows(count));
        }

        boolean has(long index) {
            int share = (int) Math.min(from.length - 1, index * from.length / total);
            return from[share] <= index && index < from[share] + length;
        }
    }

    /** Copies what belongs to the sample; objects and threads get new numbers, in the order in which they appear. */
    private static final class Cutter {
        private final Windows windows;
        private final BitSet touched;
        private final MallocTraceWriter writer;
        private final Map<Integer, Integer> alive = new HashMap<>();
        private final Map<Integer, Integer> threads = new HashMap<>();
        private final MallocEvent copy = new MallocEvent();
        private int born;
        private long index;
        private long written;
        private long between;

        /** How much time was cut out so far, and the last moment that was not. */
        private long cutNanos;

        private long lastNanos;
        private boolean inWindow = true;

        Cutter(Windows windows, BitSet touched, MallocTraceWriter writer) {
            this.windows = windows;
            this.touched = touched;
            this.writer = writer;
        }

        void accept(MallocEvent event) {
            boolean inside = windows.has(index);
            boolean call = event.kind != MallocEvent.Kind.REUSED; // it goes with the call that follows
            index += call ? 1 : 0;
            if (inside && !inWindow || written == 0 && inside) {
                cutNanos = event.timeNanos - lastNanos;
            }
            inWindow = inside;
            if (!inside && !belongs(event)) {
                return;
            }
            copy.begin(event.kind, threads.computeIfAbsent(event.thread, any -> threads.size()));
            copy.sizeBytes = event.sizeBytes;
            copy.cpu = event.cpu;
            copy.timeNanos = inside ? event.timeNanos - cutNanos : lastNanos;
            copy.durationNanos = inside ? event.durationNanos : 0;
            lastNanos = Math.max(lastNanos, copy.timeNanos);
            objects(event);
            writer.accept(copy);
            written += call ? 1 : 0;
            between += inside || !call ? 0 : 1;
        }

        /**
         * Whether something between windows happens to an object that a window touches, or ends a thread that is there.
         */
        private boolean belongs(MallocEvent event) {
            return switch (event.kind) {
                case ALLOCATE -> touched.get(event.id);
                case REALLOCATE -> touched.get(event.id) || alive.containsKey(event.oldId);
                case FREE, LOST_FREE, REUSED -> alive.containsKey(event.id);
                case THREAD_END -> threads.containsKey(event.thread);
                case NOTHING -> false;
            };
        }

        private void objects(MallocEvent event) {
            if (event.kind == MallocEvent.Kind.REUSED) {
                copy.id = alive.get(event.id);
            }
            int ended = event.endedId();
            if (ended >= 0) {
                Integer old = alive.remove(ended);
                if (event.kind != MallocEvent.Kind.REALLOCATE) {
                    copy.id = old;
                } else if (old == null) {
                    copy.kind = MallocEvent.Kind.ALLOCATE; // its past is not in the sample: no window touched it
                } else {
                    copy.oldId = old;
                }
            }
            if (event.kind.begins()) {
                copy.id = born;
                alive.put(event.id, born++);
            }
        }
    }
}
