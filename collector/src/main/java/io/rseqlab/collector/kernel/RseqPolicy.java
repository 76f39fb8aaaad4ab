package io.rseqlab.collector.kernel;

import io.rseqlab.collector.isa.Program;
import io.rseqlab.collector.machine.Memory;

/** What a kernel does about restartable sequences on the way to user mode. */
public interface RseqPolicy {
    /** Name on the command line. */
    String id();

    /** One sentence for lists. */
    String summary();

    /** False if threads cannot register an area at all. */
    default boolean offersRseq() {
        return true;
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
     * @param abortPosition for ABORT: position of the handler
     * @param reason for KILL: why
     */
    record Decision(Verdict verdict, int abortPosition, String reason) {
        static Decision of(Verdict verdict) {
            return new Decision(verdict, -1, null);
        }

        static Decision kill(String reason) {
            return new Decision(Verdict.KILL, -1, reason);
        }
    }

    /**
     * Looks at a thread's armed section.
     *
     * @param area address of its rseq area
     * @param signature signature it registered
     * @param position where it would go on
     * @param events event bits ({@link io.rseqlab.trace.Cause}) since a section was last looked at
     */
    Decision evaluate(Memory memory, Program program, long area, int signature, int position, int events);

    /** Whether the id fields are written at this exit. */
    boolean writesIds(boolean switchedIn, boolean signal, boolean idsChanged);
}
