package io.rseqlab.collector.live;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * What the shim wrote of one process, from its start or fork to its end or exec: the calls of each thread in their
 * order, with time. The layout is that of {@code native/malloc_shim.c}.
 */
final class MallocImage {
    private static final byte[] MAGIC = "rsqmallo".getBytes(StandardCharsets.US_ASCII);
    static final int HEADER_BYTES = 104;
    private static final int NAME_AT = 80;
    private static final int NAME_BYTES = 16;
    private static final int OUTSIDE_AT = 96;
    private static final int CHUNK_TICKS_AT = 16;
    private static final int CHUNK_HEADER_BYTES = 64;
    private static final int RECORD_BYTES = 40;
    private static final MallocCall.Op[] OPS = {
        null, MallocCall.Op.ALLOCATE, MallocCall.Op.FREE, MallocCall.Op.REALLOCATE
    };

    private final Path file;
    private final int chunkBytes;
    private final int headerBytes;
    private final long firstTicks;
    private final long firstNanos;
    private final double nanosPerTick;
    private final long picosPerCall;
    /** What of it lies between calls. */
    private final long picosOutside;

    private final long dropped;
    private final long pid;
    private final String name;
    /** Offsets of each thread's chunks. */
    private final Map<Integer, List<Long>> chunks = new TreeMap<>();

    private long calls;
    /** What it took to get chunks. */
    private long chunkTicks;

    private MallocImage(Path file, ByteBuffer header) {
        this.file = file;
        chunkBytes = header.getInt(12);
        headerBytes = header.getInt(16);
        pid = header.getInt(20);
        firstTicks = header.getLong(24);
        firstNanos = header.getLong(32);
        long ticks = header.getLong(40) - firstTicks;
        nanosPerTick = ticks <= 0 ? 1 : (double) (header.getLong(48) - header.getLong(32)) / ticks;
        picosPerCall = header.getLong(56);
        picosOutside = header.getLong(OUTSIDE_AT);
        dropped = header.getLong(72);
        byte[] bytes = new byte[NAME_BYTES];
        header.get(NAME_AT, bytes);
        name = new String(bytes, StandardCharsets.UTF_8).replaceAll("\0.*", "");
    }

    /** When it began, on the monotonic clock. */
    long firstNanos() {
        return firstNanos;
    }

    /** Looks through a file; null if its process was ended before it had begun the file. */
    static MallocImage read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer header = buffer(channel, 0, HEADER_BYTES);
            if (header == null || header.mismatch(ByteBuffer.wrap(MAGIC)) < MAGIC.length || header.getInt(8) != 1) {
                return null;
            }
            MallocImage image = new MallocImage(file, header);
            image.findChunks(channel);
            return image;
        }
    }

    private void findChunks(FileChannel channel) throws IOException {
        for (long at = headerBytes; at + chunkBytes <= channel.size(); at += chunkBytes) {
            ByteBuffer chunk = buffer(channel, at, chunkBytes);
            if (chunk.mismatch(ByteBuffer.wrap(MAGIC)) >= MAGIC.length) {
                chunks.computeIfAbsent(chunk.getInt(8), key -> new ArrayList<>())
                        .add(at);
                calls += records(chunk);
                chunkTicks += chunk.getLong(CHUNK_TICKS_AT);
            }
        }
    }

    private static int records(ByteBuffer chunk) {
        int records = (chunk.capacity() - CHUNK_HEADER_BYTES) / RECORD_BYTES;
        int count = 0;
        while (count < records && op(chunk, count) != null) {
            count++;
        }
        return count;
    }

    private static MallocCall.Op op(ByteBuffer chunk, int record) {
        int op = chunk.getShort(CHUNK_HEADER_BYTES + record * RECORD_BYTES + 38);
        return op > 0 && op < OPS.length ? OPS[op] : null;
    }

    private static ByteBuffer buffer(FileChannel channel, long at, int bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.nativeOrder());
        while (buffer.hasRemaining() && channel.read(buffer, at + buffer.position()) > 0) {
            // goes on until it is full or the file ends
        }
        return buffer.hasRemaining() ? null : buffer.flip();
    }

    /** What the kernel calls the process. */
    String name() {
        return name;
    }

    long pid() {
        return pid;
    }

    /** Calls recorded. */
    long calls() {
        return calls;
    }

    /** Threads that made a call. */
    int threads() {
        return chunks.size();
    }

    /** Calls that found no place. */
    long dropped() {
        return dropped;
    }

    /** What recording a call took, measured in the process itself, places for records included. */
    double nanosPerCall() {
        return picosPerCall / 1000.0 + (calls == 0 ? 0 : chunkTicks * nanosPerTick / calls);
    }

    /**
     * Hands over the calls of all threads in one order: an allocation counts when it has returned, a free when it
     * begins. So an address is never seen handed out before it was seen freed. A call's duration holds what recording
     * it took, so that what lies between two calls of a thread is the program's; not the last one's of a chunk.
     */
    void forEach(Consumer<MallocCall> consumer) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            PriorityQueue<Lane> lanes = new PriorityQueue<>(
                    Comparator.comparingLong((Lane lane) -> lane.key).thenComparingInt(lane -> lane.thread));
            for (Map.Entry<Integer, List<Long>> thread : chunks.entrySet()) {
                Lane lane = new Lane(channel, thread.getKey(), thread.getValue());
                if (lane.next()) {
                    lanes.add(lane);
                }
            }
            for (Lane lane = lanes.poll(); lane != null; lane = lanes.poll()) {
                consumer.accept(lane.call);
                if (lane.next()) {
                    lanes.add(lane);
                }
            }
        }
    }

    /** The calls of one thread. */
    private final class Lane {
        final int thread;
        final MallocCall call = new MallocCall();
        long key;
        private final FileChannel channel;
        private final List<Long> offsets;
        private ByteBuffer chunk;
        private int nextChunk;
        private int record;
        private int records;

        Lane(FileChannel channel, int thread, List<Long> offsets) {
            this.channel = channel;
            this.thread = thread;
            this.offsets = offsets;
        }

        boolean next() throws IOException {
            while (record == records) {
                if (nextChunk == offsets.size()) {
                    return false;
                }
                chunk = buffer(channel, offsets.get(nextChunk++), chunkBytes);
                records = records(chunk);
                record = 0;
            }
            int at = CHUNK_HEADER_BYTES + record * RECORD_BYTES;
            call.begin(op(chunk, record), thread);
            long ticks = chunk.getLong(at);
            long duration = Integer.toUnsignedLong(chunk.getInt(at + 32));
            key = call.op == MallocCall.Op.FREE ? ticks : ticks + duration;
            call.timeNanos = Math.round((ticks - firstTicks) * nanosPerTick);
            call.durationNanos = Math.round(duration * nanosPerTick);
            if (record + 1 < records) {
                long next = Math.round((chunk.getLong(at + RECORD_BYTES) - firstTicks) * nanosPerTick);
                call.durationNanos = Math.min(call.durationNanos + recordingNanos(), next - call.timeNanos);
            }
            call.sizeBytes = chunk.getLong(at + 8);
            call.address = chunk.getLong(at + 16);
            call.oldAddress = chunk.getLong(at + 24);
            call.cpu = Short.toUnsignedInt(chunk.getShort(at + 36));
            record++;
            return true;
        }

        /** What recording took between the call at hand and the next. */
        private long recordingNanos() {
            long ticks = record == 0 ? chunk.getLong(CHUNK_TICKS_AT) : 0;
            return Math.round(ticks * nanosPerTick + picosOutside / 1000.0);
        }
    }
}
