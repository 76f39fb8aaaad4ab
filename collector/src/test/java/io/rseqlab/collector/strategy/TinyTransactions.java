package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Op;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.isa.TransactionStatus;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Hardware transactions of the {@link TinyMachine}, line by line: who touches what another one's transaction has
 * written, or writes what it has read, undoes it first, and so does whatever takes its thread off the CPU.
 */
final class TinyTransactions {
    /** What a thread's transaction needs to be undone. */
    private record Open(long[] registers, int resume, int status, Map<Long, Long> before, Set<Long> reads) {}

    private final TinyMachine machine;
    private final Map<TinyThread, Open> open = new HashMap<>();
    /** Whether a transaction was undone with its thread at each position. */
    final boolean[] undoneAt;

    long commits;
    long undone;
    /** The machine forgets to undo transactions: what they wrote stays, and others see it. */
    boolean forget;

    TinyTransactions(TinyMachine machine) {
        this.machine = machine;
        undoneAt = new boolean[machine.program.code().length];
    }

    boolean inside(TinyThread t) {
        return open.containsKey(t);
    }

    /** XBEGIN; the thread's position is behind it. */
    void begin(TinyThread t, long word) {
        if (inside(t)) {
            throw new TinyOracle.Violation("nested transaction");
        }
        open.put(t, new Open(t.registers.clone(), Op.imm(word), Op.rd(word), new HashMap<>(), new HashSet<>()));
    }

    void end(TinyThread t) {
        if (open.remove(t) == null) {
            throw new TinyOracle.Violation("xend outside of a transaction");
        }
        commits++;
    }

    /** Undoes the thread's transaction, if it has one. */
    void undo(TinyThread t, long status) {
        boolean byItself = (status & TransactionStatus.EXPLICIT) != 0;
        if (!inside(t) || forget && !byItself) {
            return;
        }
        undoneAt[t.position] = true;
        Open transaction = open.remove(t);
        transaction.before().forEach(machine::write64);
        System.arraycopy(transaction.registers(), 0, t.registers, 0, Reg.COUNT);
        t.registers[transaction.status()] = status;
        t.position = transaction.resume();
        undone++;
    }

    /** A thread is about to load or store at an address. */
    void touch(TinyThread t, long address, boolean write) {
        if (open.isEmpty()) {
            return;
        }
        long line = address >>> 6;
        for (TinyThread other : machine.threads) {
            Open transaction = open.get(other);
            if (other == t || transaction == null) {
                continue;
            }
            boolean written = transaction.before().keySet().stream().anyMatch(word -> word >>> 6 == line);
            if (written || write && transaction.reads().contains(line)) {
                undo(other, TransactionStatus.CONFLICT | TransactionStatus.RETRY);
            }
        }
        Open own = open.get(t);
        if (own != null && write) {
            own.before().putIfAbsent(address & -8, machine.read64(address & -8));
        } else if (own != null) {
            own.reads().add(line);
        }
    }
}
