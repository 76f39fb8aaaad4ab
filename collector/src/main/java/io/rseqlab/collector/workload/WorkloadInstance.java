package io.rseqlab.collector.workload;

import io.rseqlab.collector.isa.Assembler;
import io.rseqlab.collector.isa.Program;

/** A workload laid out for one run. */
public interface WorkloadInstance {
    /**
     * Writes the threads' programs. They call {@code "malloc"} and {@code "free"} by CALL through LINK, mark WORK_DONE
     * with every finished operation, test the stop flag once per operation, and end with SYS_EXIT. Blocks still held
     * then stay live. A thread that ends before it is told to calls {@code "thread_end"} likewise, after its last
     * malloc and free, and ends with SYS_EXIT_FOLLOWED.
     */
    void emit(Assembler assembler);

    /** Label at which a thread starts; it starts with its WORKLOAD, TLS and RSEQ registers set, all others 0. */
    String entry(int thread);

    /** Base of a thread's area: what its WORKLOAD register holds. */
    long threadBase(int thread);

    /** Turns of the padding loop that strategies insert between reads and commit. */
    int padTurns();

    /** One pass of a section in so many begins with a system call, 0 for none. */
    int callEvery();

    /** How long that call sleeps, 0 to yield. */
    double callSleepSeconds();

    /** Rate of a timer signal per thread, 0 for none. */
    double signalHz();

    /** Cycles of work between calls handed out so far, by workloads whose operations are data; else 0. */
    default long thinkCycles() {
        return 0;
    }

    /**
     * Cycles until now in which threads waited for one another, so that an order is kept that the workload has to keep;
     * -1 for workloads without such an order.
     */
    default long orderWaitCycles(long now) {
        return -1;
    }

    /**
     * How often what is to be done has been done so far, parts counted; -1 for workloads that are the same all the
     * time.
     */
    default double passes() {
        return -1;
    }

    /** Requests that arrive from a cycle to before another, served or not; -1 for workloads without arrivals. */
    default long offered(long fromCycle, long toCycle) {
        return -1;
    }

    /** The programs were linked, so that a workload may know where its labels lie. */
    default void linked(Program program) {}

    /**
     * The host call {@link io.rseqlab.collector.isa.HostCall#HOST_NEXT},
     * {@link io.rseqlab.collector.isa.HostCall#HOST_LEAVE}, {@link io.rseqlab.collector.isa.HostCall#HOST_ARRIVAL} or
     * {@link io.rseqlab.collector.isa.HostCall#HOST_LOOK_ON}. A0 is the cycle at which it is made, and A1 in the last
     * one the number of threads that wait for the caller's CPU.
     *
     * @param thread who calls
     * @param registers its registers, to be changed
     * @return what the call costs, in cycles
     */
    default long hostCall(int number, int thread, long[] registers) {
        throw new IllegalStateException("host call " + number);
    }
}
