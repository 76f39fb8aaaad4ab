package io.rseqlab.collector.isa;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes micro-programs. Each method appends one micro-operation, in the order in which the listing of the real thing
 * would show it; labels may be used before they are placed. A section is written as
 *
 * <pre>{@code
 * Assembler.SectionLabel pop = a.section("pop", retry);   // where an aborted attempt goes on
 * a.arm(pop, T0);                                         // store the descriptor's address: outside
 * a.start(pop);
 * ...                                                     // reads, checks
 * a.commit(pop);                                          // placed right behind the committing store
 * }</pre>
 */
public final class Assembler {
    private final List<Long> code = new ArrayList<>();
    private final List<Long> constants = new ArrayList<>();
    private final Map<Long, Integer> constantIndex = new HashMap<>();
    private final List<SectionLabel> sections = new ArrayList<>();
    private final Map<String, Label> named = new HashMap<>();
    private final List<Fixup> fixups = new ArrayList<>();

    private record Fixup(int position, Label target) {}

    /** A place in the code. */
    public static final class Label {
        private int position = -1;

        private Label() {}
    }

    /** A section under construction. */
    public static final class SectionLabel {
        private final int number;
        private final String name;
        private final Label resume;
        private int start = -1;
        private int end = -1;

        private SectionLabel(int number, String name, Label resume) {
            this.number = number;
            this.name = name;
            this.resume = resume;
        }

        /** The section's number. */
        public int number() {
            return number;
        }
    }

    /** A new label, not yet placed. */
    public Label label() {
        return new Label();
    }

    /** The label of that name, made at first use. */
    public Label label(String name) {
        return named.computeIfAbsent(name, key -> new Label());
    }

    /** Places a label here. */
    public Label place(Label label) {
        if (label.position >= 0) {
            throw new IllegalStateException("label placed twice");
        }
        label.position = code.size();
        return label;
    }

    /** A new label, placed here. */
    public Label here() {
        return place(label());
    }

    /** Number of micro-operations so far: the position of the next one. */
    public int position() {
        return code.size();
    }

    // ---- sections

    /** Declares a section whose aborted attempts go on at {@code resume}. */
    public SectionLabel section(String name, Label resume) {
        SectionLabel section = new SectionLabel(sections.size(), name, resume);
        sections.add(section);
        return section;
    }

    /**
     * Arms a section: two micro-operations (address, store into the rseq area), outside the section. The attempt begins
     * with the store: were the mark behind it, there would be a position between arming and start at which a switch
     * disarms the section without aborting it.
     */
    public void arm(SectionLabel section, int temporary) {
        li(temporary, Program.descriptor(section.number));
        mark(Mark.ATTEMPT, section.number);
        st64(Reg.RSEQ, 8, temporary);
    }

    /** The section's first micro-operation comes next, right behind the arming store. */
    public void start(SectionLabel section) {
        section.start = code.size();
    }

    /** The micro-operation just written is the section's commit. */
    public void commit(SectionLabel section) {
        section.end = code.size();
        mark(Mark.COMMIT, section.number);
    }

    /** Tells that an attempt ends here without commit. */
    public void exit(SectionLabel section, int reason) {
        mark(Mark.EXIT, section.number | reason << 8);
    }

    // ---- marks and calls

    public void mark(int kind, int argument) {
        mark(kind, argument, Reg.ZERO);
    }

    /** A mark that carries a register's value. */
    public void mark(int kind, int argument, int register) {
        emit(Op.MARK, kind, register, 0, 0, argument);
    }

    public void syscall(int number) {
        emit(Op.SYSCALL, Reg.A0, 0, 0, 0, number);
    }

    public void host(int number) {
        emit(Op.HOST, Reg.A0, 0, 0, 0, number);
    }

    // ---- arithmetic

    public void li(int rd, long value) {
        int index = constantIndex.computeIfAbsent(value, key -> {
            constants.add(key);
            return constants.size() - 1;
        });
        emit(Op.LI, rd, 0, 0, 0, index);
    }

    public void mov(int rd, int rs) {
        emit(Op.MOV, rd, rs, 0, 0, 0);
    }

    public void add(int rd, int rs1, int rs2) {
        emit(Op.ADD, rd, rs1, rs2, 0, 0);
    }

    public void addi(int rd, int rs1, int imm) {
        emit(Op.ADDI, rd, rs1, 0, 0, imm);
    }

    public void sub(int rd, int rs1, int rs2) {
        emit(Op.SUB, rd, rs1, rs2, 0, 0);
    }

    public void and(int rd, int rs1, int rs2) {
        emit(Op.AND, rd, rs1, rs2, 0, 0);
    }

    public void andi(int rd, int rs1, int imm) {
        emit(Op.ANDI, rd, rs1, 0, 0, imm);
    }

    public void or(int rd, int rs1, int rs2) {
        emit(Op.OR, rd, rs1, rs2, 0, 0);
    }

    public void xor(int rd, int rs1, int rs2) {
        emit(Op.XOR, rd, rs1, rs2, 0, 0);
    }

    public void shli(int rd, int rs1, int bits) {
        emit(Op.SHLI, rd, rs1, 0, 0, bits);
    }

    public void shri(int rd, int rs1, int bits) {
        emit(Op.SHRI, rd, rs1, 0, 0, bits);
    }

    public void mul(int rd, int rs1, int rs2) {
        emit(Op.MUL, rd, rs1, rs2, 0, 0);
    }

    // ---- memory

    public void ld64(int rd, int base, int offset) {
        emit(Op.LD64, rd, base, 0, 0, offset);
    }

    public void ld32(int rd, int base, int offset) {
        emit(Op.LD32, rd, base, 0, 0, offset);
    }

    public void ld16(int rd, int base, int offset) {
        emit(Op.LD16, rd, base, 0, 0, offset);
    }

    public void st64(int base, int offset, int value) {
        emit(Op.ST64, 0, base, value, 0, offset);
    }

    public void st32(int base, int offset, int value) {
        emit(Op.ST32, 0, base, value, 0, offset);
    }

    public void st16(int base, int offset, int value) {
        emit(Op.ST16, 0, base, value, 0, offset);
    }

    /** rd = old value; stored {@code desired} if it equalled {@code expected}. */
    public void cas64(int rd, int base, int offset, int expected, int desired) {
        emit(Op.CAS64, rd, base, expected, desired, offset);
    }

    /** rd = 1 on success; expected and desired are pairs of registers (n, n+1). */
    public void cas128(int rd, int base, int offset, int expected, int desired) {
        emit(Op.CAS128, rd, base, expected, desired, offset);
    }

    public void xchg(int rd, int base, int offset, int value) {
        emit(Op.XCHG, rd, base, value, 0, offset);
    }

    public void xadd(int rd, int base, int offset, int value) {
        emit(Op.XADD, rd, base, value, 0, offset);
    }

    public void fence() {
        emit(Op.FENCE, 0, 0, 0, 0, 0);
    }

    public void pause() {
        emit(Op.PAUSE, 0, 0, 0, 0, 0);
    }

    public void work(int cycles) {
        emit(Op.WORK, 0, 0, 0, 0, cycles);
    }

    // ---- hardware transactions

    /**
     * Begins a transaction. Where it is undone, {@code rd} says why ({@link TransactionStatus}) and execution goes on
     * at {@code aborted}. Marks inside are heard at once, undone or not: what counts is marked outside.
     */
    public void xbegin(int rd, Label aborted) {
        fixups.add(new Fixup(code.size(), aborted));
        emit(Op.XBEGIN, rd, 0, 0, 0, 0);
    }

    public void xend() {
        emit(Op.XEND, 0, 0, 0, 0, 0);
    }

    /** Undoes the transaction for a reason of the program's own, 0 to 255. */
    public void xabort(int reason) {
        emit(Op.XABORT, 0, 0, 0, 0, reason);
    }

    // ---- control

    public void beq(int rs1, int rs2, Label target) {
        branch(Op.BEQ, rs1, rs2, target);
    }

    public void bne(int rs1, int rs2, Label target) {
        branch(Op.BNE, rs1, rs2, target);
    }

    public void blt(int rs1, int rs2, Label target) {
        branch(Op.BLT, rs1, rs2, target);
    }

    public void bge(int rs1, int rs2, Label target) {
        branch(Op.BGE, rs1, rs2, target);
    }

    public void beqz(int rs, Label target) {
        branch(Op.BEQ, rs, Reg.ZERO, target);
    }

    public void bnez(int rs, Label target) {
        branch(Op.BNE, rs, Reg.ZERO, target);
    }

    public void djnz(int rs, Label target) {
        fixups.add(new Fixup(code.size(), target));
        emit(Op.DJNZ, rs, rs, 0, 0, 0);
    }

    public void jmp(Label target) {
        branch(Op.JMP, 0, 0, target);
    }

    public void call(Label target, int link) {
        fixups.add(new Fixup(code.size(), target));
        emit(Op.CALL, link, 0, 0, 0, 0);
    }

    public void ret(int link) {
        emit(Op.RET, 0, link, 0, 0, 0);
    }

    private void branch(int op, int rs1, int rs2, Label target) {
        fixups.add(new Fixup(code.size(), target));
        emit(op, 0, rs1, rs2, 0, 0);
    }

    private void emit(int op, int rd, int rs1, int rs2, int rs3, int imm) {
        code.add(Op.pack(op, rd, rs1, rs2, rs3, imm));
    }

    // ---- linking

    /** Places the abort handlers (signature, then a jump to where the attempt goes on) and resolves all labels. */
    public Program link() {
        List<Section> finished = new ArrayList<>();
        for (SectionLabel section : sections) {
            if (section.start < 0 || section.end < 0) {
                throw new IllegalStateException("section " + section.name + " has no start or no commit");
            }
            emit(Op.SIG, 0, 0, 0, 0, Program.SIGNATURE);
            int abort = code.size();
            jmp(section.resume);
            finished.add(new Section(section.number, section.name, section.start, section.end, abort));
        }
        long[] words = code.stream().mapToLong(Long::longValue).toArray();
        for (Fixup fixup : fixups) {
            if (fixup.target.position < 0) {
                throw new IllegalStateException("label used at " + fixup.position + " is placed nowhere");
            }
            words[fixup.position] |= (long) fixup.target.position << 32;
        }
        long[] pool = constants.stream().mapToLong(Long::longValue).toArray();
        Map<String, Integer> labels = new HashMap<>();
        named.forEach((name, label) -> labels.put(name, label.position));
        return new Program(words, pool, finished, labels);
    }
}
