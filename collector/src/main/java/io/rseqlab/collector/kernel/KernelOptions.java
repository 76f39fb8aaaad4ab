package io.rseqlab.collector.kernel;

import java.util.function.LongSupplier;

/**
 * Settings of a simulated kernel.
 *
 * @param policy what it does about sections
 * @param pinned thread i stays on CPU i modulo the CPUs
 * @param noise background kernel threads run, and the host takes CPUs away where the profile says so
 * @param signalHz rate of a timer signal per thread, 0 for none
 * @param noAbort fault injection: the kernel forgets to abort
 * @param injectPreempt injected interruptions switch the thread out instead of only aborting it
 * @param random uniform 64-bit random numbers for phases, jitter and noise
 * @param limit of the CPU time that the process may use, null for none
 */
public record KernelOptions(
        RseqPolicy policy,
        boolean pinned,
        boolean noise,
        double signalHz,
        boolean noAbort,
        boolean injectPreempt,
        LongSupplier random,
        Bandwidth.Limit limit) {
    /** The same without a limit. */
    public KernelOptions(
            RseqPolicy policy,
            boolean pinned,
            boolean noise,
            double signalHz,
            boolean noAbort,
            boolean injectPreempt,
            LongSupplier random) {
        this(policy, pinned, noise, signalHz, noAbort, injectPreempt, random, null);
    }
}
