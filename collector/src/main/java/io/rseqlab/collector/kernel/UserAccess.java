package io.rseqlab.collector.kernel;

import io.rseqlab.collector.isa.Op;
import io.rseqlab.collector.isa.Program;
import io.rseqlab.collector.isa.Section;
import io.rseqlab.collector.machine.Memory;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The kernel's accesses to user memory: which addresses a program may name, and what may be done there. Programs
 * themselves are not held to page protections, for that would cost every access of theirs; only the kernel is.
 */
public final class UserAccess {
    /** Bytes of a page. */
    public static final int PAGE_BYTES = 4096;

    /** Bytes of an instruction of a program. */
    static final int INSTRUCTION_BYTES = 4;

    /** What may be done with a page. */
    public enum Protection {
        NONE,
        READ,
        READ_WRITE
    }

    private final Memory memory;
    private final Program program;
    private final Map<Long, Protection> pages = new HashMap<>();
    /** Descriptors as the loader wrote them, by address. */
    private final Map<Long, long[]> loaded = new HashMap<>();

    UserAccess(Memory memory, Program program) {
        this.memory = memory;
        this.program = program;
    }

    /** Protects the pages that a range touches. */
    public void protect(long address, long bytes, Protection protection) {
        for (long page = address & -PAGE_BYTES; page < address + bytes; page += PAGE_BYTES) {
            pages.put(page, protection);
        }
    }

    /** True if a range lies below the kernel's addresses. */
    static boolean isUser(long address, long bytes) {
        return Long.compareUnsigned(address, RseqArea.TASK_SIZE - bytes) <= 0;
    }

    /** True if all of a range can be read: memory, or code. */
    public boolean readable(long address, long bytes) {
        return allowed(address, bytes, Protection.READ) || isCode(address, bytes);
    }

    /** True if all of a range can be written. */
    public boolean writable(long address, long bytes) {
        return allowed(address, bytes, Protection.READ_WRITE);
    }

    private boolean allowed(long address, long bytes, Protection least) {
        if (address < Memory.BASE || !isUser(address, bytes) || address + bytes > memory.end()) {
            return false;
        }
        for (long page = address & -PAGE_BYTES; !pages.isEmpty() && page < address + bytes; page += PAGE_BYTES) {
            if (pages.getOrDefault(page, Protection.READ_WRITE).compareTo(least) < 0) {
                return false;
            }
        }
        return true;
    }

    private boolean isCode(long address, long bytes) {
        long end = Program.pointer(program.code().length);
        return address >= Program.CODE_BASE && address < end && bytes <= end - address;
    }

    /** 64 bits at any readable address of memory. */
    public long read64(long address) {
        int shift = (int) (address & 7) << 3;
        long low = memory.read64(address & -8);
        return shift == 0 ? low : low >>> shift | memory.read64((address & -8) + 8) << (64 - shift);
    }

    /** 32 bits at any readable address: of code, the signature's where one stands, else something that is none. */
    public int read32(long address) {
        if (isCode(address, INSTRUCTION_BYTES)) {
            int position = program.position(address);
            long word = position < 0 ? 0 : program.code()[position];
            return Op.code(word) == Op.SIG ? Op.imm(word) : (int) word;
        }
        return (address & 3) == 0 ? memory.read32(address) : (int) read64(address);
    }

    /** Writes 64 bits at a writable address that is a multiple of 8. */
    void write64(long address, long value) {
        memory.write64(address, value);
    }

    /** Writes 32 bits at a writable address that is a multiple of 4. */
    void write32(long address, int value) {
        memory.write32(address, value);
    }

    /** Position of an instruction pointer, -1 where there is no code. */
    int position(long pointer) {
        return program.position(pointer);
    }

    // ---- what the loader made

    /** Writes the descriptor of a section as the loader does. */
    void load(Section section) {
        long descriptor = Program.descriptor(section.number());
        long[] words = {
            0, Program.pointer(section.start()), 4L * section.length(), Program.pointer(section.abort()),
        };
        for (int i = 0; i < words.length; i++) {
            memory.write64(descriptor + 8L * i, words[i]);
        }
        loaded.put(descriptor, words);
    }

    /** True if the loader made a descriptor at an address. */
    boolean isLoaded(long descriptor) {
        return loaded.containsKey(descriptor);
    }

    /** True if the loader made a descriptor at an address and no program has stored into it. */
    boolean isAsLoaded(long descriptor) {
        long[] words = new long[4];
        for (int i = 0; i < words.length && isLoaded(descriptor); i++) {
            words[i] = memory.read64(descriptor + 8L * i);
        }
        return Arrays.equals(words, loaded.get(descriptor));
    }
}
