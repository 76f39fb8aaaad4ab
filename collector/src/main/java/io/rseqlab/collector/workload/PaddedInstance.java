package io.rseqlab.collector.workload;

import io.rseqlab.collector.spec.Settings;

/** Answers what the common parameters ask for. */
abstract class PaddedInstance implements WorkloadInstance {
    private final int padTurns;
    private final double signalHz;

    PaddedInstance(Settings settings) {
        padTurns = (int) (settings.count(WorkloadParameters.PAD.name()) / 2);
        signalHz = settings.number(WorkloadParameters.SIGNAL_HZ.name());
    }

    @Override
    public final int padTurns() {
        return padTurns;
    }

    @Override
    public final double signalHz() {
        return signalHz;
    }
}
