package io.rseqlab.collector.published;

import io.rseqlab.collector.kernel.KernelListener;

/** Hears what befalls threads of benchmarks: aborts are part of them, being killed is not. */
final class Unharmed implements KernelListener {
    @Override
    public void aborted(int thread, int section) {}

    @Override
    public void abortSuppressed(int thread, int section, int position, long cycle) {}

    @Override
    public void killed(int thread, String reason, long address, long cycle) {
        throw new IllegalStateException("thread " + thread + " was killed: " + reason);
    }
}
