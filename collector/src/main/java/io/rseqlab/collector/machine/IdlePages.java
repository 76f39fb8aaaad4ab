package io.rseqlab.collector.machine;

import java.util.Map;
import java.util.TreeMap;

/**
 * Pages that an allocator keeps on lists of its own though no block lies in them: what is idle, and what of it the
 * system has until it is used again.
 */
public final class IdlePages {
    /** Bytes of each idle stretch, and how many of them the system has. */
    private final TreeMap<Long, long[]> idle = new TreeMap<>();

    private boolean used;
    private long freeBytes;
    private long goneBytes;

    /** No block lies in so many bytes from an address on any more. */
    public void add(long address, long bytes) {
        used = true;
        freeBytes += bytes;
        idle.put(address, new long[] {bytes, 0});
    }

    /**
     * The system gets what lies in a part of an idle stretch.
     *
     * @throws IllegalStateException if it is in none, or the system has a part of that stretch already
     */
    public void discard(long address, long bytes) {
        Map.Entry<Long, long[]> stretch = idle.floorEntry(address);
        if (stretch == null
                || address + bytes > stretch.getKey() + stretch.getValue()[0]
                || stretch.getValue()[1] > 0) {
            throw new IllegalStateException(
                    bytes + " bytes at 0x" + Long.toHexString(address) + " are in use, or the system has them");
        }
        stretch.getValue()[1] = bytes;
        freeBytes -= bytes;
        goneBytes += bytes;
    }

    /**
     * What was idle has blocks again, one stretch, or parts of some that the system has nothing of; answers how many
     * bytes are new.
     *
     * @throws IllegalStateException if not all of it is idle
     */
    public long use(long address, long bytes) {
        long end = address + bytes;
        long fresh = 0;
        for (long from = address; from < end; ) {
            Map.Entry<Long, long[]> stretch = idle.floorEntry(from);
            long last = stretch == null ? 0 : stretch.getKey() + stretch.getValue()[0];
            boolean whole = stretch != null && stretch.getKey() == from && last <= end;
            if (last <= from || stretch.getValue()[1] > 0 && !whole) {
                throw new IllegalStateException(bytes + " bytes at 0x" + Long.toHexString(address) + " are not idle");
            }
            fresh += stretch.getValue()[1];
            idle.remove(stretch.getKey());
            put(stretch.getKey(), from);
            put(end, last);
            from = last;
        }
        freeBytes -= bytes - fresh;
        goneBytes -= fresh;
        return fresh;
    }

    private void put(long from, long to) {
        if (from < to) {
            idle.put(from, new long[] {to - from, 0});
        }
    }

    /** True if any were idle, ever. */
    public boolean used() {
        return used;
    }

    /** Bytes that are idle and not the system's. */
    public long freeBytes() {
        return freeBytes;
    }

    /** Bytes that are idle and the system's. */
    public long goneBytes() {
        return goneBytes;
    }
}
