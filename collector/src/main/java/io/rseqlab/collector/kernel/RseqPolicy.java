package io.rseqlab.collector.kernel;

/** What a kernel does about restartable sequences on the way to user mode. */
public interface RseqPolicy {
    /** Name on the command line. */
    String id();

    /** One sentence for lists. */
    String summary();

    /** The scheduler of the kernel that the rules are of. */
    default SchedulerKind scheduler() {
        return SchedulerKind.EEVDF;
    }

    /** False if threads cannot register an area at all. */
    default boolean offersRseq() {
        return true;
    }

    /** Bytes of the area that the kernel knows fields of: AT_RSEQ_FEATURE_SIZE, 28 up to 6.18. */
    default int featureBytes() {
        return 28;
    }

    /** Alignment of areas that are not of the first version: AT_RSEQ_ALIGN, 32 up to 6.18. */
    default int alignmentBytes() {
        return 32;
    }

    /** Bytes that the C library registers on such a kernel. */
    default int libraryBytes() {
        return RseqArea.LENGTH;
    }

    /** How the concurrency ids are allotted; a form that is scanned makes threads go through the notified exit. */
    default ConcurrencyIdForm concurrencyIds() {
        return ConcurrencyIdForm.NONE;
    }

    /** How long a thread that asks for it may go on when it is to be switched out; 0 if it cannot ask. */
    default double sliceExtensionSeconds() {
        return 0;
    }

    /** True if what is due after a switch is done in the fast path of the exit, without a notification (7.x). */
    default boolean hasFastPath() {
        return false;
    }

    /** Whether the armed section is looked at at this exit, which carries a signal or a notification. */
    boolean evaluates(UserExit exit);

    /** Whether the id fields are written at this exit, which carries a signal or a notification. */
    boolean writesIds(UserExit exit);

    /** What the kernel does when it finds that a program has changed the fields that only the kernel may write. */
    enum Tampering {
        TOLERATED,
        WARNED_OF,
        KILLED
    }

    /** What becomes of programs that write the id fields of such a registration; found when the kernel writes them. */
    default Tampering tampering(RseqState rseq) {
        return Tampering.TOLERATED;
    }

    /** True if a system call that returns into a section, or past a descriptor that is none, kills. */
    default boolean killsSyscallInside() {
        return false;
    }

    /** The outcome of looking at a thread's section. */
    enum Verdict {
        /** No descriptor is armed. */
        NOTHING,
        /** The instruction pointer is outside: the armed descriptor is forgotten. */
        CLEARED,
        /** Inside, but nothing happened that must abort it. */
        UNDISTURBED,
        /** Inside and disturbed: go to the abort handler. */
        ABORT,
        /** The thread is killed with SIGSEGV. */
        KILL
    }

    /**
     * Result of an evaluation.
     *
     * @param verdict what to do
     * @param handler for ABORT: instruction pointer of the abort handler
     * @param section for ABORT: instruction pointer of the section's start
     * @param reason for KILL: why
     */
    record Decision(Verdict verdict, long handler, long section, KillReason reason) {
        static Decision of(Verdict verdict) {
            return new Decision(verdict, 0, 0, null);
        }

        static Decision abort(Descriptor descriptor) {
            return new Decision(Verdict.ABORT, descriptor.abort(), descriptor.start(), null);
        }

        static Decision kill(KillReason reason) {
            return new Decision(Verdict.KILL, 0, 0, reason);
        }
    }

    /**
     * Looks at a thread's armed section; its area can be read and written. What it finds armed and outside, or aborts,
     * it forgets.
     *
     * @param user the thread's memory
     * @param rseq its registration and event bits
     * @param pointer instruction pointer where it would go on
     */
    Decision evaluate(UserAccess user, RseqState rseq, long pointer);
}
