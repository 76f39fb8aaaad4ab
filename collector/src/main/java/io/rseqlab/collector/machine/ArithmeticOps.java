package io.rseqlab.collector.machine;

import io.rseqlab.collector.isa.Op;

/** Micro-operations that compute a register from registers. */
final class ArithmeticOps {
    private ArithmeticOps() {}

    static MicroOp of(Interpreter numbers, int pc) {
        return switch (Op.code(numbers.code[pc])) {
            case Op.LI -> new Constant(numbers, pc);
            case Op.MOV -> new Move(numbers, pc);
            case Op.ADDI -> new AddImmediate(numbers, pc);
            case Op.ANDI -> new AndImmediate(numbers, pc);
            case Op.SHLI -> new ShiftLeft(numbers, pc);
            case Op.SHRI -> new ShiftRight(numbers, pc);
            case Op.ADD -> new Add(numbers, pc);
            case Op.SUB -> new Subtract(numbers, pc);
            case Op.AND -> new And(numbers, pc);
            case Op.OR -> new Or(numbers, pc);
            case Op.XOR -> new Xor(numbers, pc);
            case Op.MUL -> new Multiply(numbers, pc);
            default -> null;
        };
    }

    private static final class Constant extends MicroOp {
        private final long value;

        Constant(Interpreter numbers, int pc) {
            super(numbers, pc);
            value = numbers.constants[Op.imm(numbers.code[pc])];
        }

        @Override
        MicroOp execute(Core core) {
            long at = dispatched(core);
            return define(core, at, value, at + UNIT);
        }
    }

    private static final class Move extends MicroOp {
        Move(Interpreter numbers, int pc) {
            super(numbers, pc);
        }

        @Override
        MicroOp execute(Core core) {
            long at = dispatched(core);
            return define(core, at, core.regs[rs1], Math.max(core.ready[rs1], at));
        }
    }

    /** Of one register and an immediate. */
    private abstract static class OfOne extends MicroOp {
        final int immediate;

        OfOne(Interpreter numbers, int pc) {
            super(numbers, pc);
            immediate = Op.imm(numbers.code[pc]);
        }

        final MicroOp define(Core core, long value) {
            long at = dispatched(core);
            return define(core, at, value, Math.max(core.ready[rs1], at) + UNIT);
        }
    }

    private static final class AddImmediate extends OfOne {
        AddImmediate(Interpreter numbers, int pc) {
            super(numbers, pc);
        }

        @Override
        MicroOp execute(Core core) {
            return define(core, core.regs[rs1] + immediate);
        }
    }

    private static final class AndImmediate extends OfOne {
        AndImmediate(Interpreter numbers, int pc) {
            super(numbers, pc);
        }

        @Override
        MicroOp execute(Core core) {
            return define(core, core.regs[rs1] & immediate);
        }
    }

    private static final class ShiftLeft extends OfOne {
        ShiftLeft(Interpreter numbers, int pc) {
            super(numbers, pc);
        }

        @Override
        MicroOp execute(Core core) {
            return define(core, core.regs[rs1] << immediate);
        }
    }

    private static final class ShiftRight extends OfOne {
        ShiftRight(Interpreter numbers, int pc) {
            super(numbers, pc);
        }

        @Override
        MicroOp execute(Core core) {
            return define(core, core.regs[rs1] >>> immediate);
        }
    }

    /** Of two registers. */
    private abstract static class OfTwo extends MicroOp {
        OfTwo(Interpreter numbers, int pc) {
            super(numbers, pc);
        }

        final MicroOp define(Core core, long value, long units) {
            long at = dispatched(core);
            long[] ready = core.ready;
            return define(core, at, value, Math.max(Math.max(ready[rs1], at), ready[rs2]) + units);
        }
    }

    private static final class Add extends OfTwo {
        Add(Interpreter numbers, int pc) {
            super(numbers, pc);
        }

        @Override
        MicroOp execute(Core core) {
            return define(core, core.regs[rs1] + core.regs[rs2], UNIT);
        }
    }

    private static final class Subtract extends OfTwo {
        Subtract(Interpreter numbers, int pc) {
            super(numbers, pc);
        }

        @Override
        MicroOp execute(Core core) {
            return define(core, core.regs[rs1] - core.regs[rs2], UNIT);
        }
    }

    private static final class And extends OfTwo {
        And(Interpreter numbers, int pc) {
            super(numbers, pc);
        }

        @Override
        MicroOp execute(Core core) {
            return define(core, core.regs[rs1] & core.regs[rs2], UNIT);
        }
    }

    private static final class Or extends OfTwo {
        Or(Interpreter numbers, int pc) {
            super(numbers, pc);
        }

        @Override
        MicroOp execute(Core core) {
            return define(core, core.regs[rs1] | core.regs[rs2], UNIT);
        }
    }

    private static final class Xor extends OfTwo {
        Xor(Interpreter numbers, int pc) {
            super(numbers, pc);
        }

        @Override
        MicroOp execute(Core core) {
            return define(core, core.regs[rs1] ^ core.regs[rs2], UNIT);
        }
    }

    private static final class Multiply extends OfTwo {
        Multiply(Interpreter numbers, int pc) {
            super(numbers, pc);
        }

        @Override
        MicroOp execute(Core core) {
            return define(core, core.regs[rs1] * core.regs[rs2], 3 * UNIT);
        }
    }
}
