package io.rseqlab.collector.workload;

import io.rseqlab.collector.spec.Settings;

/** Answers what the common parameters ask for. */
abstract class PaddedInstance implements WorkloadInstance {
    private final int padTurns;
    private final double signalHz;
    private final int callEvery;
    private final double callSleepSeconds;

    PaddedInstance(Settings settings) {
        padTurns = (int) (settings.count(WorkloadParameters.PAD.name()) / 2);
        callEvery = (int) settings.count(WorkloadParameters.CALL_IN_SECTION.name());
        callSleepSeconds = settings.count(WorkloadParameters.SLEEP.name()) * 1e-6;
        signalHz = settings.number(WorkloadParameters.SIGNAL_HZ.name());
    }

    @Override
    public final int padTurns() {
        return padTurns;
    }

    @Override
    public final int callEvery() {
        return callEvery;
    }

    @Override
    public final double callSleepSeconds() {
        return callSleepSeconds;
    }

    @Override
    public final double signalHz() {
        return signalHz;
    }
}
