package io.rseqlab.collector.workload;

import io.rseqlab.collector.spec.UsageException;
import io.rseqlab.trace.TraceException;
import io.rseqlab.trace.malloc.MallocEvent;
import io.rseqlab.trace.malloc.MallocOrigin;
import io.rseqlab.trace.malloc.MallocTrace;
import java.io.IOException;
import java.lang.ref.SoftReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.Locale;

/**
 * A malloc trace in memory, as columns; runs of the same trace share it. Objects are numbered as they come to life, so
 * that an event that begins one need not say which.
 */
final class RecordedCalls {
    private static final int FIRST_EVENTS = 1 << 14;

    /** The trace read last, for the next run of it. */
    private static SoftReference<Loaded> last = new SoftReference<>(null);

    private record Loaded(Path file, FileTime changed, long bytes, RecordedCalls calls) {}

    /** Kinds by ordinal. */
    byte[] kinds = new byte[FIRST_EVENTS];

    int[] threads = new int[FIRST_EVENTS];
    /** The object whose life ends, if one does. */
    int[] ended = new int[FIRST_EVENTS];
    /** Bytes asked for, as far as an int goes. */
    int[] sizes = new int[FIRST_EVENTS];

    long[] timesNanos = new long[FIRST_EVENTS];
    long[] durationsNanos = new long[FIRST_EVENTS];

    int events;
    int objects;
    int threadCount;
    int mostBytes;
    MallocOrigin origin;
    String digest;

    private RecordedCalls() {}

    /**
     * Reads a trace, or takes the one read last if it is that.
     *
     * @throws UsageException if there is no such file
     * @throws TraceException if it is none, damaged, or holds no allocation
     */
    static synchronized RecordedCalls read(String path) {
        Path file = Path.of(path);
        if (!Files.isRegularFile(file)) {
            throw new UsageException("replay:trace=" + path + ": no such file");
        }
        try {
            FileTime changed = Files.getLastModifiedTime(file);
            long bytes = Files.size(file);
            Loaded before = last.get();
            if (before != null
                    && before.file.equals(file.toAbsolutePath())
                    && before.changed.equals(changed)
                    && before.bytes == bytes) {
                return before.calls;
            }
            RecordedCalls calls = new RecordedCalls();
            MallocTrace.Summary summary = MallocTrace.read(file, calls::add);
            if (calls.objects == 0) {
                throw new TraceException("'" + file + "' holds no allocation: there is nothing to replay");
            }
            calls.close(summary);
            last = new SoftReference<>(new Loaded(file.toAbsolutePath(), changed, bytes, calls));
            return calls;
        } catch (IOException e) {
            throw new TraceException("cannot read '" + file + "': " + e.getMessage(), e);
        }
    }

    /** How many objects, and how much of the bytes, are larger than those that are run; null if none is. */
    String cut(long largestBytes) {
        long larger = 0;
        double bytes = 0;
        double left = 0;
        for (int event = 0; event < events; event++) {
            if (MallocEvent.Kind.values()[kinds[event]].begins()) {
                larger += sizes[event] > largestBytes ? 1 : 0;
                bytes += sizes[event];
                left += Math.min(sizes[event], largestBytes);
            }
        }
        return larger == 0
                ? null
                : String.format(
                        Locale.ROOT,
                        "%d of %d objects are larger than largest=%d and run as large as that, which is %.2g %% of the"
                                + " bytes that were asked for: what larger ones cost and hold is not in the figures",
                        larger,
                        objects,
                        largestBytes,
                        100 * left / bytes);
    }

    private void add(MallocEvent event) {
        if (event.kind == MallocEvent.Kind.REUSED) {
            return; // no call: addresses are the modelled allocator's own
        }
        if (events == kinds.length) {
            resize(2 * events);
        }
        kinds[events] = (byte) event.kind.ordinal();
        threads[events] = event.thread;
        ended[events] = event.endedId();
        sizes[events] = (int) Math.min(event.sizeBytes, Integer.MAX_VALUE);
        timesNanos[events] = event.timeNanos;
        durationsNanos[events] = event.durationNanos;
        mostBytes = Math.max(mostBytes, sizes[events]);
        threadCount = Math.max(threadCount, event.thread + 1);
        objects += event.kind.begins() ? 1 : 0;
        events++;
    }

    private void close(MallocTrace.Summary summary) {
        origin = summary.origin();
        digest = summary.digest();
        resize(events);
        if (!origin.timed()) {
            timesNanos = new long[0];
            durationsNanos = timesNanos;
        }
    }

    private void resize(int length) {
        kinds = Arrays.copyOf(kinds, length);
        threads = Arrays.copyOf(threads, length);
        ended = Arrays.copyOf(ended, length);
        sizes = Arrays.copyOf(sizes, length);
        timesNanos = Arrays.copyOf(timesNanos, length);
        durationsNanos = Arrays.copyOf(durationsNanos, length);
    }

    /** What an event is. */
    MallocEvent.Kind kind(int event) {
        return KINDS[kinds[event]];
    }

    private static final MallocEvent.Kind[] KINDS = MallocEvent.Kind.values();
}
