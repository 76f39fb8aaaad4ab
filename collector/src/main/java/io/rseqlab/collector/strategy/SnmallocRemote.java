package io.rseqlab.collector.strategy;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Layout;
import io.rseqlab.collector.isa.Mark;
import io.rseqlab.collector.isa.Reg;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.spec.UsageException;
import io.rseqlab.collector.strategy.block.Cold;
import io.rseqlab.collector.strategy.block.MessageQueue;
import io.rseqlab.collector.strategy.block.NodeLayout;
import io.rseqlab.collector.strategy.block.OwnedSlabs;
import io.rseqlab.collector.strategy.block.ThreadAreas;
import java.util.function.Consumer;

/**
 * What snmalloc does with blocks of other threads. A foreign block takes its bytes from a budget; with BatchIt it joins
 * the open ring of its slab, of which there are a few sets of two, and the longer one is closed when a third slab
 * comes; a closed ring, or the block alone, is one message in the slot that the low bits of the owner's number choose.
 * When the budget is spent, all rings are closed, and every slot but the one in which the thread itself would be is
 * sent as a whole to the owner of its first message, by one exchange; the own slot is distributed by the next bits, and
 * so on. Whoever receives a message of another's forwards it in the same way.
 */
final class SnmallocRemote {
    static final int META = Reg.T2;

    // ---- words of a message's first block
    static final int INSIDE = 8;
    static final int LAST = 16;
    static final int LENGTH = 24;

    // ---- words of a thread's remote cache, whose address stands in its area
    private static final int CACHE_WORD = ThreadAreas.REST + 16;
    private static final int BUDGET = 0;
    private static final int PENDING = 8;
    private static final int STUB = 16;
    /** Where the open rings begin. */
    static final int RINGS = 128;

    private static final int SLOT_SHIFT = 4;

    private static final int QUEUE_SHIFT = 8;
    private static final int FRONT = 128;

    static final int ENTRY = Reg.T0;
    private static final int OWNER = Reg.T1;
    static final int CACHE = Reg.T3;
    static final int SCRATCH = Reg.T4;
    static final int OTHER = Reg.T5;
    static final int SLOT = Reg.T6;
    static final int MESSAGE = Reg.T8;
    private static final int ROUND = Reg.A1;
    private static final int SENT = Reg.A2;
    private static final int AT = Reg.T10;
    static final int NEXT = Reg.T11;
    private static final int RECEIVED = Reg.T12;

    private final StrategyContext context;
    private final OwnedSlabs slabs;
    private final MessageQueue queues;
    private final long budget;
    private final int slotBits;
    private final int sets;
    private final long receive;
    private final long caches;
    private final long stride;
    private final int slots;
    private final Assembler.Label[] subroutines = new Assembler.Label[2];
    private final SnmallocRings rings;
    private Consumer<Assembler> change;

    SnmallocRemote(Settings settings, StrategyContext context, ThreadAreas threads, OwnedSlabs slabs) {
        this.context = context;
        this.slabs = slabs;
        budget = settings.count(Snmalloc.BUDGET);
        slotBits = (int) settings.count(Snmalloc.SLOT_BITS);
        sets = (int) settings.count(Snmalloc.RINGS);
        receive = settings.count(Snmalloc.RECEIVE);
        if (Integer.bitCount(sets) > 1) {
            throw new UsageException(Snmalloc.RINGS + "=" + sets + " is not a power of two, nor 0");
        }
        Layout layout = context.layout();
        rings = new SnmallocRings(slabs, sets, this::toSlot);
        queues = new MessageQueue(layout, context.threads());
        slots = RINGS + SnmallocRings.bytes(sets);
        stride = slots + (1L << slotBits + SLOT_SHIFT) + 127 & -128;
        caches = layout.reserve(stride * context.threads(), 2 * Layout.LINE);
        for (int thread = 0; thread < context.threads(); thread++) {
            long cache = caches + stride * thread;
            long stub = layout.reserve(Layout.LINE, Layout.LINE);
            layout.word(threads.of(thread) + SnmallocInstance.SELF, queue(thread));
            layout.word(threads.of(thread) + CACHE_WORD, cache);
            layout.word(cache + BUDGET, budget);
            layout.word(cache + STUB, stub);
            layout.word(queue(thread), stub);
            layout.word(queue(thread) + FRONT, stub);
        }
    }

    private long queue(int thread) {
        return queues.front(thread) - FRONT;
    }

    /**
     * Writes the subroutines; {@code whenBack} writes what is done when as many blocks are back as META's slab needed.
     */
    void emit(Assembler a, Consumer<Assembler> whenBack) {
        change = whenBack;
        for (int i = 0; i < subroutines.length; i++) {
            subroutines[i] = a.label();
        }
        a.place(subroutines[0]);
        receive(a);
        a.ret(Reg.LINK2);
        rings.emit(a);
        a.place(subroutines[1]);
        post(a);
        a.ret(Reg.LINK2);
    }

    /** To {@code some} if a message is there. */
    void lookForMessages(Assembler a, int queue, int scratch, Assembler.Label some) {
        a.ld64(scratch, queue, FRONT);
        a.ld64(scratch, scratch, NodeLayout.NEXT);
        a.bnez(scratch, some);
    }

    /** Takes in messages; keeps T9 alone. */
    void callReceive(Assembler a) {
        a.call(subroutines[0], Reg.LINK2);
    }

    /** Closes all rings and sends all slots, if anything is pending. */
    void flush(Assembler a) {
        Assembler.Label nothing = a.label();
        a.ld64(CACHE, Reg.TLS, CACHE_WORD);
        a.ld64(SCRATCH, CACHE, PENDING);
        a.beqz(SCRATCH, nothing);
        a.call(subroutines[1], Reg.LINK2);
        a.place(nothing);
    }

    // ---- a foreign free

    /** Keeps the foreign block in A0, whose entry and owner are in registers T0 and T1. */
    void put(Assembler a, Cold cold, int entry, int owner) {
        Assembler.Label spent = a.label();
        a.ld64(CACHE, Reg.TLS, CACHE_WORD);
        if (sets > 0) {
            rings.join(a, entry);
        } else {
            a.mov(MESSAGE, Reg.A0);
            toSlot(a, owner);
        }
        take(a, owner, 1, spent);
        cold.later(() -> {
            a.place(spent);
            a.mark(Mark.TIER, 1);
            a.call(subroutines[1], Reg.LINK2);
            Common.end(a, Mark.FREE);
        });
    }

    /** Takes a block's bytes from the budget; to {@code spent} if that was all. */
    private void take(Assembler a, int owner, int blocks, Assembler.Label spent) {
        a.andi(OTHER, owner, OwnedSlabs.CLASS_MASK);
        slabs.row(a, OTHER, OTHER);
        a.ld64(OTHER, OTHER, OwnedSlabs.BYTES);
        a.ld64(SCRATCH, CACHE, PENDING);
        a.addi(SCRATCH, SCRATCH, blocks);
        a.st64(CACHE, PENDING, SCRATCH);
        a.ld64(SCRATCH, CACHE, BUDGET);
        a.sub(SCRATCH, SCRATCH, OTHER);
        a.st64(CACHE, BUDGET, SCRATCH);
        a.blt(SCRATCH, Reg.ZERO, spent);
    }

    /** MESSAGE goes to the slot of the owner in a register. Changes SLOT and OTHER. */
    private void toSlot(Assembler a, int owner) {
        a.shri(SLOT, owner, QUEUE_SHIFT);
        intoSlot(a);
    }

    /** The same with the number, shifted as the round has it, in SLOT. */
    private void intoSlot(Assembler a) {
        Assembler.Label first = a.label();
        Assembler.Label linked = a.label();
        a.andi(SLOT, SLOT, (1 << slotBits) - 1);
        a.shli(SLOT, SLOT, SLOT_SHIFT);
        a.add(SLOT, SLOT, CACHE);
        a.st64(MESSAGE, NodeLayout.NEXT, Reg.ZERO);
        a.ld64(OTHER, SLOT, slots);
        a.beqz(OTHER, first);
        a.ld64(OTHER, SLOT, slots + 8);
        a.st64(OTHER, NodeLayout.NEXT, MESSAGE);
        a.jmp(linked);
        a.place(first);
        a.st64(SLOT, slots, MESSAGE);
        a.place(linked);
        a.st64(SLOT, slots + 8, MESSAGE);
    }

    // ---- posting

    /** Subroutine: closes all rings and sends all slots. */
    private void post(Assembler a) {
        Assembler.Label distribute = a.label();
        Assembler.Label done = a.label();
        a.ld64(CACHE, Reg.TLS, CACHE_WORD);
        if (sets > 0) {
            rings.closeAll(a);
        }
        a.li(SENT, 0);
        // the thread's number, as the round has it
        a.ld64(ROUND, Reg.TLS, ThreadAreas.ID);
        a.addi(ROUND, ROUND, Math.toIntExact(queue(0) >> QUEUE_SHIFT));
        a.li(NEXT, 0);
        Assembler.Label round = a.here();
        a.andi(OTHER, ROUND, (1 << slotBits) - 1);
        a.shli(OTHER, OTHER, SLOT_SHIFT);
        a.add(OTHER, OTHER, CACHE);
        a.mov(SLOT, CACHE);
        a.li(SCRATCH, 1L << slotBits);
        Assembler.Label slot = a.here();
        Assembler.Label skip = a.label();
        a.ld64(MESSAGE, SLOT, slots);
        a.beqz(MESSAGE, skip);
        a.beq(SLOT, OTHER, skip);
        slabs.entry(a, ENTRY, MESSAGE);
        slabs.owner(a, OWNER, ENTRY);
        a.andi(OWNER, OWNER, -1 - OwnedSlabs.CLASS_MASK);
        a.ld64(ENTRY, SLOT, slots + 8);
        queues.post(a, OWNER, MESSAGE, ENTRY, AT);
        a.st64(SLOT, slots, Reg.ZERO);
        a.addi(SENT, SENT, 1);
        a.place(skip);
        a.addi(SLOT, SLOT, 1 << SLOT_SHIFT);
        a.djnz(SCRATCH, slot);
        a.ld64(AT, OTHER, slots);
        a.bnez(AT, distribute);
        a.jmp(done);

        // the own slot, by the next bits
        a.place(distribute);
        a.st64(OTHER, slots, Reg.ZERO);
        a.shri(ROUND, ROUND, slotBits);
        a.addi(NEXT, NEXT, 1);
        Assembler.Label message = a.here();
        a.mov(MESSAGE, AT);
        a.ld64(AT, MESSAGE, NodeLayout.NEXT);
        slabs.entry(a, SLOT, MESSAGE);
        slabs.owner(a, SLOT, SLOT);
        a.shri(SLOT, SLOT, QUEUE_SHIFT);
        a.mov(SCRATCH, NEXT);
        Assembler.Label shift = a.here();
        a.shri(SLOT, SLOT, slotBits);
        a.djnz(SCRATCH, shift);
        intoSlot(a);
        a.bnez(AT, message);
        a.jmp(round);
        a.place(done);
        count(a);
    }

    private void count(Assembler a) {
        Assembler.Label nothing = a.label();
        a.beqz(SENT, nothing);
        a.mark(Mark.COUNT, Mark.COUNT_MESSAGES, SENT);
        a.ld64(SCRATCH, CACHE, PENDING);
        a.mark(Mark.COUNT, Mark.COUNT_MESSAGE_OBJECTS, SCRATCH);
        a.place(nothing);
        a.st64(CACHE, PENDING, Reg.ZERO);
        a.li(SCRATCH, budget);
        a.st64(CACHE, BUDGET, SCRATCH);
    }

    // ---- receiving

    /** Subroutine: takes in messages, up to a number of bytes; the last one stays as the queue's first node. */
    private void receive(Assembler a) {
        Assembler.Label last = a.label();
        Assembler.Label stub = a.label();
        Assembler.Label forward = a.label();
        Assembler.Label enough = a.label();
        a.mark(Mark.TIER, 1);
        a.ld64(CACHE, Reg.TLS, CACHE_WORD);
        a.ld64(ROUND, Reg.TLS, SnmallocInstance.SELF);
        a.ld64(NEXT, ROUND, FRONT);
        a.li(RECEIVED, 0);
        a.place(stub);
        a.mov(MESSAGE, NEXT);
        a.ld64(NEXT, MESSAGE, NodeLayout.NEXT);
        a.beqz(NEXT, last);
        a.ld64(SCRATCH, CACHE, STUB);
        a.beq(MESSAGE, SCRATCH, stub);
        slabs.entry(a, ENTRY, MESSAGE);
        slabs.owner(a, OWNER, ENTRY);
        bytes(a);
        a.andi(SCRATCH, OWNER, -1 - OwnedSlabs.CLASS_MASK);
        a.bne(SCRATCH, ROUND, forward);
        slabs.metadata(a, META, ENTRY);
        splice(a);
        a.place(enough);
        a.li(SCRATCH, receive);
        a.blt(RECEIVED, SCRATCH, stub);
        a.mov(MESSAGE, NEXT);
        a.jmp(last);

        // somebody else's: one hop nearer; the bytes were taken from the sender's budget
        a.place(forward);
        toSlot(a, OWNER);
        a.ld64(SCRATCH, CACHE, BUDGET);
        a.sub(SCRATCH, SCRATCH, AT);
        a.st64(CACHE, BUDGET, SCRATCH);
        a.ld64(SCRATCH, CACHE, PENDING);
        a.addi(SCRATCH, SCRATCH, 1);
        a.st64(CACHE, PENDING, SCRATCH);
        a.jmp(enough);

        a.place(last);
        a.st64(ROUND, FRONT, MESSAGE);
        Assembler.Label within = a.label();
        a.ld64(SCRATCH, CACHE, BUDGET);
        a.bge(SCRATCH, Reg.ZERO, within);
        a.jmp(subroutines[1]);
        a.place(within);
    }

    /** AT = bytes of MESSAGE; they count as received. */
    private void bytes(Assembler a) {
        a.andi(AT, OWNER, OwnedSlabs.CLASS_MASK);
        slabs.row(a, AT, AT);
        a.ld64(AT, AT, OwnedSlabs.BYTES);
        if (sets > 0) {
            a.ld64(SCRATCH, MESSAGE, LENGTH);
            a.mul(AT, AT, SCRATCH);
        }
        a.add(RECEIVED, RECEIVED, AT);
    }

    /** MESSAGE, with all of its ring, is appended to the free queue of META. */
    private void splice(Assembler a) {
        Assembler.Label asleep = a.label();
        a.ld64(OTHER, META, SnmallocSlabs.TAIL);
        a.st64(OTHER, 0, MESSAGE);
        if (sets > 0) {
            a.ld64(OTHER, MESSAGE, INSIDE);
            a.st64(MESSAGE, NodeLayout.NEXT, OTHER);
            a.ld64(OTHER, MESSAGE, LAST);
            a.st64(META, SnmallocSlabs.TAIL, OTHER);
            a.ld64(OTHER, MESSAGE, LENGTH);
        } else {
            a.st64(META, SnmallocSlabs.TAIL, MESSAGE);
            a.li(OTHER, 1);
        }
        a.ld64(SCRATCH, META, SnmallocSlabs.NEEDED);
        a.sub(SCRATCH, SCRATCH, OTHER);
        a.st64(META, SnmallocSlabs.NEEDED, SCRATCH);
        a.blt(Reg.ZERO, SCRATCH, asleep);
        change.accept(a);
        a.place(asleep);
    }

    // ---- audit

    /** The thread that owns a slab. */
    Place holder(Audit audit, long meta) {
        long start = audit.word(meta + OwnedSlabs.START);
        return Place.thread((int) (slabs.ownerOf(audit::word, start) - queue(0) >> QUEUE_SHIFT));
    }

    void audit(Audit audit) {
        for (int thread = 0; thread < context.threads(); thread++) {
            long cache = caches + stride * thread;
            Place place = Place.thread(thread);
            rings.audit(audit, cache, place);
            for (int slot = 0; slot < 1 << slotBits; slot++) {
                messages(audit, audit.word(cache + slots + ((long) slot << SLOT_SHIFT)), 0, place);
            }
            Place queued = place.as("message to thread " + thread);
            messages(audit, audit.word(queues.front(thread)), audit.word(cache + STUB), queued);
        }
    }

    private void messages(Audit audit, long first, long stub, Place place) {
        long start = first == stub && first != 0 ? audit.word(first + NodeLayout.NEXT) : first;
        audit.chain(start, place, block -> {
            if (sets > 0) {
                audit.chain(audit.word(block + INSIDE), place);
            }
        });
    }
}
