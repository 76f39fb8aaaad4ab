package io.rseqlab.collector.kernel;

/**
 * A section's descriptor as the kernel copies it from user memory.
 *
 * @param version must be 0
 * @param flags must be 0 since 6.1, where anybody looks
 * @param start instruction pointer of the first instruction inside
 * @param length bytes from there to the first instruction behind the commit
 * @param abort instruction pointer of the abort handler
 */
record Descriptor(int version, int flags, long start, long length, long abort) {
    /** Bytes of a descriptor. */
    static final int BYTES = 32;

    /** Reads one; null where it cannot be read. */
    static Descriptor read(UserAccess user, long address) {
        if (!user.readable(address, BYTES)) {
            return null;
        }
        return new Descriptor(
                user.read32(address + RseqArea.CS_VERSION),
                user.read32(address + RseqArea.CS_FLAGS),
                user.read64(address + RseqArea.CS_START_IP),
                user.read64(address + RseqArea.CS_POST_COMMIT_OFFSET),
                user.read64(address + RseqArea.CS_ABORT_IP));
    }

    /** True from the first instruction to before the first behind the commit: one unsigned comparison. */
    boolean contains(long pointer) {
        return Long.compareUnsigned(pointer - start, length) < 0;
    }

    /** What 6.18 finds wrong with a descriptor before it looks at the instruction pointer; null if nothing. */
    KillReason defect(UserAccess user, int signature) {
        if (beyondUser(start)) {
            return KillReason.START;
        }
        if (beyondUser(start + length)) {
            return KillReason.END;
        }
        if (beyondUser(abort)) {
            return KillReason.HANDLER;
        }
        if (version != 0) {
            return KillReason.VERSION;
        }
        if (Long.compareUnsigned(start + length, start) < 0) {
            return KillReason.LENGTH;
        }
        return contains(abort) ? KillReason.HANDLER_INSIDE : signatureDefect(user, signature);
    }

    /** What is wrong with the four bytes before the abort handler; null if nothing. */
    KillReason signatureDefect(UserAccess user, int signature) {
        long place = abort - UserAccess.INSTRUCTION_BYTES;
        if (!user.readable(place, UserAccess.INSTRUCTION_BYTES)) {
            return KillReason.SIGNATURE_UNREADABLE;
        }
        return user.read32(place) == signature ? null : KillReason.SIGNATURE;
    }

    static boolean beyondUser(long address) {
        return Long.compareUnsigned(address, RseqArea.TASK_SIZE) >= 0;
    }
}
