package io.rseqlab.collector.machine;

import io.rseqlab.collector.isa.Op;

/** Micro-operations that may be followed by another than the next. */
final class BranchOps {
    private BranchOps() {}

    static MicroOp of(Interpreter numbers, int pc) {
        long word = numbers.code[pc];
        return switch (Op.code(word)) {
            case Op.BEQ -> new Equal(numbers, pc);
            case Op.BNE -> new NotEqual(numbers, pc);
            case Op.BLT -> new Less(numbers, pc);
            case Op.BGE -> new NotLess(numbers, pc);
            case Op.DJNZ -> Op.imm(word) == pc ? new Turn(numbers, pc) : new Decrement(numbers, pc);
            case Op.JMP -> new Jump(numbers, pc);
            case Op.CALL -> new Call(numbers, pc);
            case Op.RET -> new Return(numbers, pc);
            default -> null;
        };
    }

    /** One that can be taken. */
    private abstract static class Branch extends MicroOp {
        private final long takenUnits;

        Branch(Interpreter numbers, int pc) {
            super(numbers, pc);
            takenUnits = numbers.takenUnits;
        }

        /** It is taken: dispatch goes on behind a bubble, and not too soon after the last one. */
        final void follow(Core core, long at, long spacing) {
            long dispatch = Math.max(at + takenUnits, core.takenAt);
            core.dispatch = dispatch;
            core.takenAt = dispatch + spacing;
        }

        /** It is done; if it leads elsewhere, only so many of its like may be under way. */
        final MicroOp leave(Core core, long done, MicroOp follower) {
            retire(core, done, follower);
            if (follower.pc != pc + 1) {
                long[] ring = core.takenRing;
                int taken = (int) core.taken++;
                long room = ring[taken & ring.length - 1] + takenUnits;
                if (room > core.dispatch) {
                    core.takenAt += room - core.dispatch;
                    core.dispatch = room;
                }
                ring[taken + core.takenLimit & ring.length - 1] = core.retireCycle << UNIT_BITS;
            }
            return follower;
        }
    }

    /** One whose way the predictor guesses. */
    private abstract static class Conditional extends Branch {
        private final MicroOp[] all;
        private final int target;
        private final long spacing;
        private final long refillUnits;
        private final int maxTrip;
        private final int entries;

        Conditional(Interpreter numbers, int pc) {
            super(numbers, pc);
            long word = numbers.code[pc];
            all = numbers.microOps;
            target = Op.imm(word);
            spacing = numbers.takenSpacingUnits;
            refillUnits = numbers.refillUnits;
            maxTrip = numbers.maxTrip;
            entries = numbers.takes[Op.code(word)];
        }

        long spacing(Core core) {
            return spacing;
        }

        /** It goes a way, which is known when it is done. */
        final MicroOp decide(Core core, long at, long done, boolean way) {
            MicroOp follower = next;
            if (way) {
                follower = all[target];
                follow(core, at, spacing(core));
            } else {
                core.dispatch = at;
            }
            if (!BranchPredictor.predicted(core, pc, way, maxTrip)) {
                mispredicted(core, done + refillUnits);
            }
            return leave(core, done, follower);
        }

        private void mispredicted(Core core, long again) {
            core.mispredicts++;
            if (again > core.dispatch) {
                core.wrongPath.mispredicted(core.entries + entries, core.taken, again - core.dispatch, again);
                core.dispatch = again;
            }
        }

        /** When what it compares is known, if not before its dispatch. */
        final long compared(Core core, long at) {
            long[] ready = core.ready;
            return Math.max(Math.max(ready[rs1], at), ready[rs2]);
        }
    }

    private static final class Equal extends Conditional {
        Equal(Interpreter numbers, int pc) {
            super(numbers, pc);
        }

        @Override
        MicroOp execute(Core core) {
            long at = dispatched(core);
            return decide(core, at, compared(core, at) + UNIT, core.regs[rs1] == core.regs[rs2]);
        }
    }

    private static final class NotEqual extends Conditional {
        NotEqual(Interpreter numbers, int pc) {
            super(numbers, pc);
        }

        @Override
        MicroOp execute(Core core) {
            long at = dispatched(core);
            return decide(core, at, compared(core, at) + UNIT, core.regs[rs1] != core.regs[rs2]);
        }
    }

    private static final class Less extends Conditional {
        Less(Interpreter numbers, int pc) {
            super(numbers, pc);
        }

        @Override
        MicroOp execute(Core core) {
            long at = dispatched(core);
            return decide(core, at, compared(core, at) + UNIT, core.regs[rs1] < core.regs[rs2]);
        }
    }

    private static final class NotLess extends Conditional {
        NotLess(Interpreter numbers, int pc) {
            super(numbers, pc);
        }

        @Override
        MicroOp execute(Core core) {
            long at = dispatched(core);
            return decide(core, at, compared(core, at) + UNIT, core.regs[rs1] >= core.regs[rs2]);
        }
    }

    /** Counts a register down and is taken until it is zero. */
    private static class Decrement extends Conditional {
        Decrement(Interpreter numbers, int pc) {
            super(numbers, pc);
        }

        @Override
        MicroOp execute(Core core) {
            long at = dispatched(core);
            long value = core.regs[rs1] - 1;
            long done = Math.max(core.ready[rs1], at) + UNIT;
            core.regs[rs1] = value;
            core.ready[rs1] = done;
            return decide(core, at, done, value != 0);
        }
    }

    /** The same to itself: a loop of one micro-operation, of which many turns may be taken at once. */
    private static final class Turn extends Decrement {
        private final Machine machine;
        private final SelfLoop loop;
        private final long word;

        Turn(Interpreter numbers, int pc) {
            super(numbers, pc);
            machine = numbers.machine;
            loop = numbers.selfLoop;
            word = numbers.code[pc];
        }

        @Override
        long spacing(Core core) {
            return loop.spacingUnits(core, pc);
        }

        @Override
        MicroOp execute(Core core) {
            Engine engine = machine.engine;
            boolean turned = false;
            while (core.dispatch < core.limitUnits && engine.stepsLoops()) {
                if (loop.spin(core, pc, word, core.limitUnits, engine.fastForward) == 0) {
                    return super.execute(core);
                }
                turned = true;
            }
            return turned ? this : super.execute(core);
        }
    }

    private static final class Jump extends Branch {
        private final MicroOp[] all;
        private final int target;
        private final long spacing;

        Jump(Interpreter numbers, int pc) {
            super(numbers, pc);
            all = numbers.microOps;
            target = Op.imm(numbers.code[pc]);
            spacing = numbers.takenSpacingUnits;
        }

        @Override
        MicroOp execute(Core core) {
            long at = dispatched(core);
            follow(core, at, spacing);
            return leave(core, at + UNIT, all[target]);
        }
    }

    private static final class Call extends Branch {
        private final MicroOp[] all;
        private final int target;
        private final long spacing;

        Call(Interpreter numbers, int pc) {
            super(numbers, pc);
            all = numbers.microOps;
            target = Op.imm(numbers.code[pc]);
            spacing = numbers.callSpacingUnits;
        }

        @Override
        MicroOp execute(Core core) {
            long at = dispatched(core);
            long done = at + UNIT;
            core.regs[rd] = pc + 1;
            core.ready[rd] = done;
            follow(core, at, spacing);
            return leave(core, done, all[target]);
        }
    }

    private static final class Return extends Branch {
        private final MicroOp[] all;
        private final long spacing;

        Return(Interpreter numbers, int pc) {
            super(numbers, pc);
            all = numbers.microOps;
            spacing = numbers.callSpacingUnits;
        }

        @Override
        MicroOp execute(Core core) {
            long at = dispatched(core);
            MicroOp follower = all[(int) core.regs[rs1]];
            follow(core, at, spacing);
            return leave(core, Math.max(core.ready[rs1], at) + UNIT, follower);
        }
    }
}
