package io.rseqlab.collector.isa;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Code of one run: everything that simulated threads execute, as flat arrays. Positions are indexes; as an instruction
 * pointer a position is {@link #CODE_BASE} + 4 x index. Branches end blocks, so block boundaries can be seen in the
 * data.
 */
public final class Program {
    /** Address of the first micro-operation. */
    public static final long CODE_BASE = 0x5550_0000_0000L;
    /** Signature that stands before abort handlers, as librseq and the C library use on x86-64. */
    public static final int SIGNATURE = 0x53053053;
    /** Where the loader puts section descriptors: 32 bytes each, in order of section number. */
    public static final long DESCRIPTOR_BASE = 0x1000;

    private final long[] code;
    private final long[] constants;
    private final List<Section> sections;
    private final Map<String, Integer> labels;

    Program(long[] code, long[] constants, List<Section> sections, Map<String, Integer> labels) {
        this.code = code;
        this.constants = constants;
        this.sections = List.copyOf(sections);
        this.labels = Map.copyOf(labels);
    }

    /** The packed micro-operations; not to be changed. */
    public long[] code() {
        return code;
    }

    /** Constants of LI, indexed by its immediate. */
    public long[] constants() {
        return constants;
    }

    public List<Section> sections() {
        return sections;
    }

    /** Position of a label. */
    public int position(String label) {
        Integer position = labels.get(label);
        if (position == null) {
            throw new IllegalArgumentException("no label " + label);
        }
        return position;
    }

    /** The section around a position, or null. */
    public Section sectionAt(int position) {
        for (Section section : sections) {
            if (position >= section.start() && position < section.end()) {
                return section;
            }
        }
        return null;
    }

    /** Instruction pointer of a position. */
    public static long pointer(int position) {
        return CODE_BASE + 4L * position;
    }

    /** Position of an instruction pointer, or -1 where there is no code. */
    public int position(long pointer) {
        long offset = pointer - CODE_BASE;
        return offset >= 0 && (offset & 3) == 0 && offset / 4 < code.length ? (int) (offset / 4) : -1;
    }

    /** Address of a section's descriptor. */
    public static long descriptor(int section) {
        return DESCRIPTOR_BASE + 32L * section;
    }

    /** The micro-operations of a section as text, one line each. */
    public List<String> listing(Section section) {
        List<String> lines = new ArrayList<>();
        for (int position = section.start(); position < section.end(); position++) {
            lines.add(text(position));
        }
        return lines;
    }

    /** One micro-operation as text. */
    public String text(int position) {
        long word = code[position];
        int op = Op.code(word);
        int imm = Op.imm(word);
        String rd = "r" + Op.rd(word);
        String rs1 = "r" + Op.rs1(word);
        String rs2 = "r" + Op.rs2(word);
        String address = "[" + rs1 + (imm == 0 ? "" : (imm > 0 ? "+" : "") + imm) + "]";
        String operands = switch (op) {
            case Op.LI -> rd + ", " + constants[imm];
            case Op.MOV -> rd + ", " + rs1;
            case Op.ADD, Op.SUB, Op.AND, Op.OR, Op.XOR, Op.MUL -> rd + ", " + rs1 + ", " + rs2;
            case Op.ADDI, Op.ANDI, Op.SHLI, Op.SHRI -> rd + ", " + rs1 + ", " + imm;
            case Op.LD64, Op.LD32, Op.LD16 -> rd + ", " + address;
            case Op.ST64, Op.ST32, Op.ST16 -> address + ", " + rs2;
            case Op.BEQ, Op.BNE, Op.BLT, Op.BGE -> rs1 + ", " + rs2 + ", " + imm;
            case Op.DJNZ -> rs1 + ", " + imm;
            case Op.CAS64, Op.CAS128 -> rd + ", " + address + ", " + rs2 + ", r" + Op.rs3(word);
            case Op.XCHG, Op.XADD -> rd + ", " + address + ", " + rs2;
            case Op.RET -> rs1;
            case Op.XBEGIN -> rd + ", " + imm;
            case Op.FENCE, Op.PAUSE, Op.SIG, Op.XEND -> "";
            default -> Integer.toString(imm);
        };
        return (Op.name(op) + " " + operands).trim();
    }
}
