package io.rseqlab.collector.machine;

import io.rseqlab.collector.isa.Reg;
import java.util.Arrays;

/**
 * What a core's next micro-operations depend on, relative to the time of its last dispatch: two states that are the
 * same lead to the same times, so much later. Times that have passed count as 0, for every time is compared with a
 * later one first; registers, memory and the predictor are looked after by {@link Recurrence}.
 */
final class CoreState {
    private long[] values = new long[0];
    private int length;

    /** Takes a core's state down. */
    void capture(Core core) {
        int most = 48 + WrongPath.CAPTURED + 2 * core.ready.length + core.window + core.takenLimit;
        most += core.storeRing.length + core.waitingLimit + 3 * Core.FORWARD;
        most += 2 * Core.FILTER;
        if (values.length < most) {
            values = new long[most];
        }
        length = 0;
        long now = core.dispatch;
        put((core.retireCycle << Core.UNIT_BITS) - now);
        put(core.retireCount);
        put(core.lastGap);
        put(core.mode.ordinal());
        put(core.forceIn);
        put(core.pendingLine);
        put(core.thread == null ? -1 : core.thread.id);
        put(core.thread == null ? -1 : core.thread.pc);
        putLater(core.takenAt, now);
        putLater(core.fence, now);
        putLater(core.memoryDone, now);
        putLater(core.lockedDone, now);
        putLater(core.drain, now);
        for (long time : core.ready) {
            putLater(time, now);
        }
        putRing(core.ring, core.entries, core.window, now);
        putRing(core.takenRing, core.taken, core.takenLimit, now);
        putRing(core.storeRing, core.stores, core.storeRing.length, now);
        putRing(core.waitRing, core.waits - core.waitingLimit, core.waitingLimit, now);
        length = core.wrongPath.capture(values, length, core.entries, core.taken, now);
        putForwarding(core, now);
        putAll(core.readFilter);
        putAll(core.writeFilter);
    }

    private void put(long value) {
        values[length++] = value;
    }

    private void putLater(long time, long now) {
        values[length++] = Math.max(time - now, 0);
    }

    private void putAll(long[] all) {
        System.arraycopy(all, 0, values, length, all.length);
        length += all.length;
    }

    private void putRing(long[] ring, long oldest, int live, long now) {
        int mask = ring.length - 1;
        for (int i = 0; i < live; i++) {
            putLater(ring[(int) (oldest + i) & mask], now);
        }
    }

    private void putForwarding(Core core, long now) {
        long old = core.machine.interpreter.forwarding.oldUnits;
        long oldUnits = old == Forwarding.NEVER ? 0 : old;
        for (int key = 0; key < Core.FORWARD; key++) {
            boolean live = core.forwardUntil[key] > now;
            put(live ? core.forwardUntil[key] - now : 0);
            put(live ? core.forwardAddress[key] : 0);
            put(live ? Math.max(core.forwardReady[key] - now, -oldUnits) : 0);
        }
    }

    boolean sameAs(CoreState other) {
        return Arrays.equals(values, 0, length, other.values, 0, other.length);
    }

    /** A number that equal states share. */
    long hash() {
        long hash = 0;
        for (int i = 0; i < length - 2 * Core.FILTER; i++) {
            hash = (hash ^ values[i]) * 0x9e3779b97f4a7c15L;
            hash ^= hash >>> 32;
        }
        return hash;
    }

    /** A number that equal contents of the workload's registers share. */
    static long work(Core core) {
        long[] regs = core.thread.regs;
        long hash = 1;
        for (int register = Reg.W0; register < regs.length; register++) {
            hash = (hash ^ regs[register]) * 0x9e3779b97f4a7c15L;
            hash ^= hash >>> 32;
        }
        return hash;
    }
}
