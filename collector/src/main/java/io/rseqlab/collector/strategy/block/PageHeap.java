package io.rseqlab.collector.strategy.block;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.HostCall;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Reg;

/**
 * The page heap behind lists of spans: one for all sizes, behind one spin lock. Which pages a span gets is a host
 * service that costs what it declares while the lock is held ({@link HostCall#HOST_PAGES},
 * {@link HostCall#HOST_PAGES_BACK}), and so is what goes back to the system ({@link HostCall#HOST_PAGES_RELEASE}); the
 * lock, and the map from a page to its span's descriptor, are micro-operations.
 */
public final class PageHeap {
    // ---- behind the lock: pages that are to come back before one is released
    private static final int COMING = 8;
    /** kDefaultReleaseDelay: where there was nothing to release. */
    private static final int WAIT_FOR_SOME = 1 << 18;
    /** kMaxReleaseDelay. */
    private static final int MOST_WAIT = 1 << 20;

    private final int lock;
    private final PageMap map;
    private final int pageShift;
    private final boolean takes;
    private final int wait;

    /**
     * @param pageShift a page has 2^pageShift bytes
     * @param takes whole spans come back
     * @param wait so many pages come back between the release of one page to the system and the next release; 0 if none
     *     is released so
     */
    public PageHeap(Layout layout, int pageShift, boolean takes, int wait) {
        this.pageShift = pageShift;
        this.takes = takes;
        this.wait = wait;
        lock = Math.toIntExact(layout.reserve(2 * Layout.LINE, 2 * Layout.LINE));
        map = new PageMap(layout, pageShift);
    }

    int pageShift() {
        return pageShift;
    }

    /** True if whole spans come back. */
    boolean takesBack() {
        return takes;
    }

    /** A0 = a span's address and {@code descriptor} = its descriptor's; {@code bytes} is kept. Changes A1 too. */
    void take(Assembler a, SpinLock locks, int bytes, int descriptor) {
        a.li(Reg.A1, lock);
        locks.lock(a);
        a.mov(Reg.A0, bytes);
        a.li(Reg.A1, 1L << pageShift);
        a.host(HostCall.HOST_PAGES);
        a.mov(descriptor, Reg.A1);
        a.li(Reg.A1, lock);
        locks.unlock(a);
    }

    /** A1 = the lock that {@link #give} needs. */
    void lock(Assembler a, SpinLock locks) {
        a.li(Reg.A1, lock);
        locks.lock(a);
    }

    void unlock(Assembler a, SpinLock locks) {
        a.li(Reg.A1, lock);
        locks.unlock(a);
    }

    /** The span at A0 of so many bytes comes back, with its descriptor; under the lock. Changes A1 and A2. */
    void give(Assembler a, int bytes, int descriptor) {
        a.mov(Reg.A1, bytes);
        a.mov(Reg.A2, descriptor);
        a.host(HostCall.HOST_PAGES_BACK);
        if (wait > 0) {
            scavenge(a, bytes);
        }
    }

    /** gperftools' IncrementalScavenge: a run goes to the system once as many pages have come back as were to. */
    private void scavenge(Assembler a, int bytes) {
        Assembler.Label store = a.label();
        a.shri(Reg.A1, bytes, pageShift);
        Static.load(a, Reg.A2, lock + COMING);
        a.sub(Reg.A2, Reg.A2, Reg.A1);
        a.bge(Reg.A2, Reg.ZERO, store);
        a.li(Reg.A0, 1);
        a.host(HostCall.HOST_PAGES_RELEASE);
        a.li(Reg.A2, WAIT_FOR_SOME);
        a.beqz(Reg.A0, store);
        a.shri(Reg.A0, Reg.A0, pageShift);
        a.li(Reg.A1, wait);
        a.mul(Reg.A0, Reg.A0, Reg.A1);
        a.li(Reg.A2, MOST_WAIT);
        a.bge(Reg.A0, Reg.A2, store);
        a.mov(Reg.A2, Reg.A0);
        a.place(store);
        Static.store(a, lock + COMING, Reg.A2);
    }

    /** Gives the system so many bytes at least, if there are; takes the lock. Changes A0 too. */
    void release(Assembler a, SpinLock locks, long bytes) {
        a.li(Reg.A1, lock);
        locks.lock(a);
        a.li(Reg.A0, bytes);
        a.host(HostCall.HOST_PAGES_RELEASE);
        locks.unlock(a);
    }

    /** Which span's descriptor belongs to which page. */
    PageMap map() {
        return map;
    }
}
