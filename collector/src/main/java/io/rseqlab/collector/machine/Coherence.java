package io.rseqlab.collector.machine;

import java.util.function.LongSupplier;

/**
 * Caches and the ownership of lines. A line has one owner that may write it, or any number of sharers, or neither. A
 * core that needs another core's line asks for it when the access is dispatched and its address known; the other keeps
 * hitting in it until the probe arrives, for a part of the transfer, and the data arrive after the rest of it. Requests
 * for one line queue.
 *
 * <p>A load of a line that another core has written takes the line over whole where the profile says that lines migrate
 * (a read of a Zen 4's neighbour's line makes the write behind it free, and the neighbour's next read a miss); a load
 * of a line that its owner has only read shares it. A write to a shared line costs more than one to a line that moves.
 *
 * <p>Accesses that involve other cores happen in the order of simulated time: a core that has run ahead of the others
 * gets {@link #WAIT} and tries again when it is the last. The same holds for hits in lines that moved between cores
 * lately, so the slack between cores touches private lines only.
 */
final class Coherence {
    /** The access cannot be made yet: other cores must catch up, or the probe is under way. */
    static final long WAIT = -1;

    /** Cycles after a transfer during which a line counts as contended: long enough to come back from the kernel. */
    static final long CONTENDED_CYCLES = 100_000;

    /** The same for a line that two cores are at: some transfers. */
    private static final long FOUGHT_CYCLES = 2_000;

    private final Machine machine;
    private final int unit = Core.UNIT_BITS;
    private final long l1Units;
    private final long l2Units;
    final Transfers transfers;
    private final Distances distances;
    private final CacheLevels levels;
    private final boolean migratory;
    private final Directory directory;
    private final Sharers sharers;
    private final Losses losses;
    final WordSharing words;
    final StoreBuffers stores;

    Coherence(Machine machine) {
        this.machine = machine;
        MachineProfile profile = machine.profile;
        l1Units = profile.l1Cycles() << unit;
        l2Units = profile.l2Cycles() << unit;
        directory = new Directory(machine.cores);
        sharers = directory.sharers;
        transfers = new Transfers(profile, sharers.shift);
        distances = transfers.distances;
        migratory = profile.cost("transfer.migratory") != 0;
        losses = new Losses(profile);
        levels = new CacheLevels(profile, distances, directory);
        words = new WordSharing(profile.cpus());
        stores = new StoreBuffers(machine, this);
        grow();
    }

    /**
     * Lets transfers take longer or shorter, as the profile says, from now on. Without it two cores that want the same
     * line can meet in the same step of their loops for ever.
     */
    void vary(LongSupplier newRandom) {
        transfers.vary(newRandom);
    }

    /** Follows memory's growth. */
    void grow() {
        int lines = (int) (machine.memory.end() >>> 6);
        int old = directory.lines();
        if (lines <= old) {
            return;
        }
        int size = Math.max(lines, old + old / 2);
        directory.grow(size);
        losses.grow(size);
        words.grow(size);
        stores.grow(size);
    }

    /**
     * Makes an access that the filters did not answer. As long as it is, the host does not copy it into its callers:
     * the interpreter's loop would load what it needs before every micro-operation.
     *
     * @param issue when it is made, in units
     * @param addressReady when its address is known, in units
     * @return when its data are there, in units, or {@link #WAIT}
     */
    long access(Core core, long address, boolean write, long issue, long addressReady) {
        stores.showTo(core, core.dispatch >> unit);
        long line = address >>> 6;
        long followed = core.dispatch - core.heldUnits; // it may have stood still until this very address was known
        long asked = core.wrongPath.requestUnits(core.entries, core.taken, followed, issue, addressReady);
        int index = (int) line;
        boolean owned = directory.owner[index] == core.id;
        boolean held = directory.has(core, line); // if not, it is in neither of the core's caches
        int slot = held ? core.l1.find(line) : -1;
        int below = held && slot < 0 && (owned || !write) ? core.l2.find(line) : -1;
        if (below >= 0) {
            if (directory.brought[index] && core.dispatch >> unit > core.syncLimit) {
                return WAIT;
            }
            core.disturbances++;
            core.l2.touch(below);
            levels.insertL1(core, line, Math.max(core.l2.arrival(below), asked + l2Units));
            slot = core.l1.find(line);
            if (directory.brought[index]) {
                directory.brought[index] = false;
                if (core.loading >= 0) {
                    core.prefetcher.requestUnits(core.loading, line, asked);
                }
                bringNeighbour(core, line, asked);
            }
        }
        if (slot >= 0 && (owned || !write)) {
            core.pendingLine = core.pendingLine == line ? -1 : core.pendingLine; // a store's line came back
            core.wrongPath.came(below >= 0 && !write, core.l1.arrival(slot), issue + l1Units);
            return hit(core, address, index, slot, write, issue);
        }
        if (core.pendingLine != line) {
            if (core.dispatch >> unit > core.syncLimit) {
                return WAIT;
            }
            core.askedAt = asked;
            if (slot < 0 && core.loading >= 0) { // ahead of a load, unless it was written after that
                long early = core.prefetcher.requestUnits(core.loading, line, asked);
                core.askedAt = early >> unit > directory.writtenAt[index] ? early : asked;
            }
        }
        long arrival = fetch(core, address, index, write, slot >= 0, core.askedAt);
        if (arrival < 0) {
            return WAIT;
        }
        if (slot < 0) {
            bringNeighbour(core, line, core.askedAt);
        }
        words.came(core.id, address, write);
        core.wrongPath.came(!write, arrival, issue + l1Units);
        return Math.max(arrival, issue + l1Units);
    }

    /** Whether {@link #access} finds its line here and need not wait; lasting: and would leave it in the filter. */
    boolean finds(Core core, long line, boolean write, boolean lasting, long dispatch, long issue) {
        boolean room = write || MemoryOps.place(core) <= dispatch;
        if (!room || stores.disturb(core, dispatch >> unit) || stores.matter(core, line, write, dispatch >> unit)) {
            return false;
        }
        boolean may = directory.has(core, line) && (!write || owns(core, line));
        boolean waits = (lasting || dispatch >> unit > core.syncLimit) && contended(line, dispatch >> unit);
        int slot = may && !waits ? core.l1.find(line) : -1;
        return slot >= 0 && core.l1.arrival(slot) <= issue + (lasting ? 0 : l1Units);
    }

    /** True if a core can write a line without asking. */
    boolean owns(Core core, long line) {
        return directory.owner[(int) line] == core.id;
    }

    /** True if the line came from another core so lately that both must be at it. */
    boolean foughtFor(long line, long cycle) {
        return cycle - directory.movedAt[(int) line] < FOUGHT_CYCLES;
    }

    /** True if the line came from another core not long before a cycle, or a store to it has not been seen yet. */
    boolean contended(long line, long cycle) {
        return cycle - directory.movedAt[(int) line] < CONTENDED_CYCLES || stores.areIn(line);
    }

    private long hit(Core core, long address, int index, int slot, boolean write, long issue) {
        long line = address >>> 6;
        long now = core.dispatch >> unit;
        boolean contended = contended(line, now);
        if (contended && now > core.syncLimit) {
            return WAIT;
        }
        if (write) {
            words.wrote(core.id, address);
            directory.written[index] = true;
            directory.writtenAt[index] = now;
        }
        long arrival = core.l1.arrival(slot);
        if (contended || arrival > issue) {
            core.disturbances++;
        } else {
            int filterSlot = (int) line & (Core.FILTER - 1);
            core.readFilter[filterSlot] = line;
            if (directory.owner[index] == core.id && directory.written[index]) {
                core.writeFilter[filterSlot] = line;
            }
        }
        core.l1.touch(slot);
        return Math.max(arrival, issue + l1Units);
    }

    private long fetch(Core core, long address, int index, boolean write, boolean present, long issue) {
        long line = address >>> 6;
        core.disturbances++;
        machine.periods.settle();
        int from = directory.owner[index];
        long others = sharers.othersThan(core, index);
        if (from == Directory.NOBODY && (others == 0 || !write)) {
            return fetchShared(core, line, index, write, present, others, issue);
        }
        if (core.pendingLine != line) {
            long known = losses.asked(core, index, issue >> unit, write);
            long leaves = transfers.ask(core.id, from, others, known, directory.movedAt[index]);
            core.pendingLine = line;
            core.pendingUntil = Math.max(leaves, core.dispatch >> unit);
            core.pendingArrival = transfers.arrival;
            return WAIT;
        }
        core.pendingLine = -1;
        long arrival = core.pendingArrival;
        takeFromOthers(core, line, index, write, from, others, core.pendingUntil);
        noteTransfer(core, address, index, write, from, arrival);
        long units = Math.max(arrival << unit, issue + l2Units);
        levels.insert(core, line, units);
        return units;
    }

    /** When a line came to where it is. */
    long busyUntil(long line) {
        return directory.movedAt[(int) line];
    }

    /** A core asks for a line to write that it has lost; answers when the line leaves who has it. */
    long askAgain(Core core, long line, long cycle) {
        int index = (int) line;
        long others = sharers.othersThan(core, index);
        if (directory.owner[index] == Directory.NOBODY && others == 0) {
            transfers.arrival = cycle;
            return cycle;
        }
        return transfers.ask(core.id, directory.owner[index], others, cycle, directory.movedAt[index]);
    }

    /** A core gets a line to write that it has asked for again, in a cycle; the line arrives later. */
    void takeAgain(Core core, long address, long cycle, long arrival) {
        long line = address >>> 6;
        int index = (int) line;
        core.disturbances++;
        machine.periods.settle();
        int from = directory.owner[index];
        long others = sharers.othersThan(core, index);
        takeFromOthers(core, line, index, true, from, others, cycle);
        if (from != Directory.NOBODY || others != 0) {
            noteTransfer(core, address, index, true, from, arrival);
        }
        levels.insert(core, line, arrival << unit);
    }

    private void takeFromOthers(Core core, long line, int index, boolean write, int from, long others, long cycle) {
        directory.brought[index] = false;
        boolean migrates = from != Directory.NOBODY && migratory && directory.written[index];
        if (write || migrates) {
            if (from != Directory.NOBODY) {
                invalidate(machine.cores[from], line, core);
                losses.note(index, from, cycle);
            }
            invalidateAll(core, line, others);
            directory.owner[index] = (short) core.id;
            directory.written[index] = write;
            directory.writtenAt[index] = write ? core.dispatch >> unit : directory.writtenAt[index];
            sharers.of[index] = sharers.bit(core.id);
        } else {
            machine.cores[from].shareLine(line, core);
            directory.owner[index] = Directory.NOBODY;
            sharers.of[index] |= sharers.bit(from) | sharers.bit(core.id);
        }
    }

    private void noteTransfer(Core core, long address, int index, boolean write, int from, long arrival) {
        long restedCycles = arrival - directory.movedAt[index];
        directory.movedAt[index] = arrival;
        if (count(core, address)) {
            core.falseSharingTransfers += words.transfer(core.id, address, write, from, restedCycles) ? 1 : 0;
        } else {
            core.thread.sawForeignMetadata = true;
        }
    }

    /** Counts a transfer; true if it is one of an object's line. */
    private boolean count(Core core, long address) {
        boolean object = address >= machine.heapBase;
        core.objectTransfers += object ? 1 : 0;
        core.metadataTransfers += object ? 0 : 1;
        return object;
    }

    /** Nobody else may write it: from the third level, a sharer, or memory; or it is here already, shared by none. */
    private long fetchShared(Core core, long line, int index, boolean write, boolean present, long others, long issue) {
        core.pendingLine = -1;
        long units = issue + l1Units;
        if (!present) {
            boolean foreign = others != 0 && line << 6 < machine.heapBase && !levels.thirdHas(core, line);
            core.thread.sawForeignMetadata |= foreign;
            units = issue + (levels.readBelow(core, line, others) << unit);
            levels.insert(core, line, units);
        }
        directory.add(core, index, write, others);
        return units;
    }

    /**
     * With a line that was not there, or would not have been without a prefetcher, its neighbour comes to the second
     * level, unless that is there or on its way, or the line is one of a stream that is asked for ahead as it is.
     */
    private void bringNeighbour(Core core, long wanted, long issue) {
        if (core.loading >= 0 && core.prefetcher.streaming()) {
            return;
        }
        long line = core.neighbour.neighbourOf(wanted);
        int index = (int) line;
        long now = core.dispatch >> unit;
        if (!directory.lacks(core, line) || directory.movedAt[index] > now) {
            return;
        }
        machine.periods.settle();
        int from = directory.owner[index];
        long others = sharers.othersThan(core, index);
        long units;
        if (from == Directory.NOBODY) {
            units = issue + (levels.readBelow(core, line, others) << unit);
            directory.add(core, index, false, others);
        } else {
            transfers.ask(core.id, from, others, issue >> unit, directory.movedAt[index]);
            takeFromOthers(core, line, index, false, from, others, now);
            directory.movedAt[index] = transfers.arrival;
            count(core, line << 6);
            units = transfers.arrival << unit;
        }
        directory.brought[index] = true;
        words.taken(core.id, line, false);
        levels.insertL2(core, line, units);
    }

    private void invalidate(Core core, long line, Core taker) {
        core.l1.remove(line);
        core.l2.remove(line);
        core.loseLine(line, taker);
    }

    private void invalidateAll(Core except, long line, long mask) {
        for (long rest = mask; rest != 0; rest &= rest - 1) {
            int first = Long.numberOfTrailingZeros(rest) << sharers.shift;
            int end = Math.min(first + (1 << sharers.shift), machine.cores.length);
            for (int other = first; other < end; other++) {
                if (other != except.id) {
                    invalidate(machine.cores[other], line, except);
                }
            }
        }
    }

    /**
     * The kernel reads or writes a user line on this core: it takes the line at once. Answers the cycles it had to
     * wait.
     */
    long kernelTouch(Core core, long line, boolean write) {
        core.disturbances++;
        words.taken(core.id, line, write);
        int index = (int) line;
        int from = directory.owner[index];
        if (from == core.id) {
            directory.written[index] |= write;
            return 0;
        }
        long others = sharers.othersThan(core, index);
        long cycles = 0;
        if (from != Directory.NOBODY) {
            cycles = distances.transferCycles(core.id, from);
        } else if (write && others != 0) {
            cycles = distances.upgradeCycles(core.id, others, sharers.shift, machine.cores.length);
        }
        if (from != Directory.NOBODY || write) {
            takeFromOthers(core, line, index, write, from, others, core.pendingUntil);
        }
        sharers.of[index] |= sharers.bit(core.id);
        levels.insert(core, line, 0);
        return cycles;
    }
}
