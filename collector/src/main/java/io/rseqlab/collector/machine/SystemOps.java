package io.rseqlab.collector.machine;

import io.rseqlab.collector.isa.Op;
import io.rseqlab.collector.isa.Reg;

/** Micro-operations that wait, or that somebody else is asked to do. */
final class SystemOps {
    private SystemOps() {}

    static MicroOp of(Interpreter numbers, int pc) {
        return switch (Op.code(numbers.word(pc))) {
            case Op.MARK -> new Mark(numbers, pc);
            case Op.FENCE -> new Fence(numbers, pc);
            case Op.PAUSE -> new Pause(numbers, pc);
            case Op.WORK -> new Work(numbers, pc);
            case Op.SYSCALL -> new Syscall(numbers, pc);
            case Op.HOST -> new Host(numbers, pc);
            case Op.XBEGIN, Op.XEND, Op.XABORT -> new Transactional(numbers, pc);
            default -> new Unknown(numbers, pc);
        };
    }

    /** Takes no time, and is no micro-operation for anybody who counts. */
    private static final class Mark extends MicroOp {
        private final MarkListener marks;
        private final int argument;

        Mark(Interpreter numbers, int pc) {
            super(numbers, pc);
            marks = numbers.machine.marks;
            argument = Op.imm(numbers.code[pc]);
        }

        @Override
        MicroOp execute(Core core) {
            if (marks.mark(core, rd, argument, core.regs[rs1], core.retireCycle)) {
                core.limitUnits = Long.MIN_VALUE;
            }
            return next;
        }

        @Override
        boolean takesTime() {
            return false;
        }
    }

    private static final class Fence extends MicroOp {
        private final StoreBuffers stores;
        private final long units;

        Fence(Interpreter numbers, int pc) {
            super(numbers, pc);
            stores = numbers.machine.coherence.stores;
            units = numbers.fenceUnits;
        }

        @Override
        MicroOp execute(Core core) {
            long at = dispatched(core);
            stores.showTo(core, core.dispatch >> UNIT_BITS);
            if (!stores.isEmpty(core)) {
                core.waitUntil = Math.max(stores.nextCycle(core), core.now + 1);
                return again(core);
            }
            long start = Math.max(Math.max(at, core.fence), Math.max(core.memoryDone, core.drain));
            core.fence = start + units;
            core.wrongPath.forget();
            core.dispatch = at;
            return retire(core, core.fence, next);
        }
    }

    private static final class Pause extends MicroOp {
        private final long units;

        Pause(Interpreter numbers, int pc) {
            super(numbers, pc);
            units = numbers.pauseUnits;
        }

        @Override
        MicroOp execute(Core core) {
            long done = Math.max(dispatched(core), core.retireCycle << UNIT_BITS) + units;
            core.dispatch = done;
            return retire(core, done, next);
        }
    }

    private static final class Work extends MicroOp {
        private final long units;

        Work(Interpreter numbers, int pc) {
            super(numbers, pc);
            units = (long) Op.imm(numbers.code[pc]) << UNIT_BITS;
        }

        @Override
        MicroOp execute(Core core) {
            long done = dispatched(core) + units;
            core.dispatch = done;
            return retire(core, done, next);
        }
    }

    private static final class Syscall extends MicroOp {
        private final int number;

        Syscall(Interpreter numbers, int pc) {
            super(numbers, pc);
            number = Op.imm(numbers.code[pc]);
        }

        @Override
        MicroOp execute(Core core) {
            long at = dispatched(core);
            core.callNumber = number;
            core.mode = Core.Mode.SYSCALL;
            core.limitUnits = Long.MIN_VALUE;
            core.dispatch = at;
            return retire(core, at, next);
        }
    }

    private static final class Host extends MicroOp {
        private final Machine machine;
        private final int number;

        Host(Interpreter numbers, int pc) {
            super(numbers, pc);
            machine = numbers.machine;
            number = Op.imm(numbers.code[pc]);
        }

        @Override
        MicroOp execute(Core core) {
            long at = dispatched(core);
            long start = Math.max(core.ready[Reg.A0], at);
            long done = start + (machine.hostCall(core, number) << UNIT_BITS);
            core.ready[Reg.A0] = done;
            core.dispatch = at;
            return retire(core, done, next);
        }
    }

    /** Begins or ends a hardware transaction, so that the core makes one step a turn from now on, or no longer. */
    private static final class Transactional extends MicroOp {
        private final long word;
        private final int op;

        Transactional(Interpreter numbers, int pc) {
            super(numbers, pc);
            word = numbers.code[pc];
            op = Op.code(word);
        }

        @Override
        MicroOp execute(Core core) {
            long at = dispatched(core);
            long done = core.transaction.execute(word, op, at);
            if (done < 0) {
                return again(core);
            }
            core.limitUnits = Long.MIN_VALUE;
            core.dispatch = at;
            return retire(core, done, next);
        }
    }

    /** Nothing that can be executed. */
    private static final class Unknown extends MicroOp {
        private final int op;

        Unknown(Interpreter numbers, int pc) {
            super(numbers, pc);
            op = Op.code(numbers.word(pc));
        }

        @Override
        MicroOp execute(Core core) {
            throw new IllegalStateException("operation " + op + " at " + pc);
        }
    }
}
