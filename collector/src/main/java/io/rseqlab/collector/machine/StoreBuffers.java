package io.rseqlab.collector.machine;

import java.util.Arrays;

/**
 * What cores have stored to lines that others are at, from when the store is executed until it is in the cache, when
 * all before it has retired and the line is there. Others do not see it before. A store asks for its line when its
 * address is known; if another core takes the line before the store is in it, it asks again.
 *
 * <p>Source: the memory ordering of x86, by which stores are seen in the order of the program and behind earlier loads
 * (Intel SDM volume 3, AMD64 APM volume 2). Measured on a Zen 4: a store that misses behind a chain of square roots
 * costs nothing beside it, so the line is asked for at once. Where a profile does not say {@code core.stores_unseen},
 * others see a store when it is dispatched.
 */
final class StoreBuffers {
    private final Machine machine;
    private final Coherence coherence;
    private final boolean on;
    private final UnseenStores[] stores;
    /** By line, how many are in it. */
    private int[] inLine = new int[0];

    private int count;

    StoreBuffers(Machine machine, Coherence coherence) {
        this.machine = machine;
        this.coherence = coherence;
        on = machine.profile.costOr("core.stores_unseen", 0) != 0;
        stores = new UnseenStores[machine.profile.cpus()];
        Arrays.setAll(stores, i -> new UnseenStores());
    }

    /** Follows memory's growth to so many lines. */
    void grow(int lines) {
        if (on) {
            inLine = Arrays.copyOf(inLine, lines);
        }
    }

    /** Whether a store to a line that is not in the write filter is kept back: one that nobody is at shows nothing. */
    boolean keeps(Core core, long line, long cycle) {
        return on && !core.transaction.active() && coherence.contended(line, cycle);
    }

    /**
     * A core executes a store.
     *
     * @param word index of the word in memory
     * @param mask which bits of it
     * @param leavesUnits when it is in the cache if nobody takes its line
     */
    void keep(Core core, long word, long value, long mask, long leavesUnits) {
        stores[core.id].add(word, value, mask, leavesUnits);
        core.dropLine(word >>> 3); // a line that it shared so far is in its filter, whose loads read memory
        inLine[(int) (word >>> 3)]++;
        count++;
    }

    /** Whether an access to a line may find, or leave, what is not in memory yet. */
    boolean matter(Core core, long line, boolean write, long cycle) {
        return write ? keeps(core, line, cycle) : areIn(line);
    }

    /** True if a store to a line waits. */
    boolean areIn(long line) {
        return count > 0 && inLine[(int) line] > 0;
    }

    boolean isEmpty(Core core) {
        return count == 0 || stores[core.id].isEmpty();
    }

    /** What a core's own load of a word finds that has a value in memory. */
    long seenBy(Core core, long word, long inMemory) {
        return count == 0 ? inMemory : stores[core.id].over(word, inMemory);
    }

    /** The cycle in which something becomes of a core's oldest store; there must be one. */
    long nextCycle(Core core) {
        return stores[core.id].nextCycle();
    }

    /** Shows what is to be seen when a core makes an access in a cycle, if no other core can act before that. */
    void showTo(Core core, long cycle) {
        if (count > 0 && cycle <= core.syncLimit) {
            show(Math.max(cycle, core.now));
        }
    }

    /**
     * Does the same before an access of a block; true if the core is not as the block's schedule takes it to be any
     * more: its store buffer drains later, because a line has to come back, or another core's store has taken a line.
     */
    boolean disturb(Core core, long cycle) {
        long before = core.disturbances;
        showTo(core, cycle);
        return core.disturbances != before;
    }

    /** Shows what is to be seen in a cycle that all cores have reached. */
    void show(long cycle) {
        if (count > 0) {
            for (Core core : machine.cores) {
                show(core, stores[core.id], cycle);
            }
        }
    }

    private void show(Core core, UnseenStores of, long cycle) {
        while (!of.isEmpty() && of.leavesUnits() >> Core.UNIT_BITS <= cycle) {
            if (!coherence.owns(core, of.word() >>> 3) && !regained(core, of, cycle)) {
                return;
            }
            if (of.leavesUnits() >> Core.UNIT_BITS <= cycle) {
                write(of);
            }
        }
    }

    /** Whether a line that others have taken comes back in a cycle. */
    private boolean regained(Core core, UnseenStores of, long cycle) {
        long line = of.word() >>> 3;
        long busyUntil = coherence.busyUntil(line);
        if (of.mustAsk(busyUntil)) {
            long leaves = coherence.askAgain(core, line, of.leavesUnits() >> Core.UNIT_BITS);
            of.asked(leaves, coherence.transfers.arrival, busyUntil);
        }
        if (of.takenAt() > cycle) {
            return false;
        }
        coherence.takeAgain(core, of.word() << 3, of.takenAt(), of.arrival());
        core.drain = Math.max(core.drain, of.taken());
        core.last = null; // it leaves the store buffer as it was before
        return true;
    }

    private void write(UnseenStores of) {
        int word = (int) of.word();
        machine.memory.words[word] = of.written(machine.memory.words[word]);
        inLine[word >>> 3]--;
        count--;
        of.remove();
    }

    /** All that a core has stored is in its cache: it comes to the kernel. */
    void flush(Core core) {
        UnseenStores of = stores[core.id];
        while (!of.isEmpty()) {
            long line = of.word() >>> 3;
            if (!coherence.owns(core, line)) {
                coherence.kernelTouch(core, line, true);
            }
            write(of);
        }
    }

    /** All that anybody has stored is in memory: the host looks at it. */
    void flushAll() {
        if (count > 0) {
            for (Core core : machine.cores) {
                flush(core);
            }
        }
    }
}
