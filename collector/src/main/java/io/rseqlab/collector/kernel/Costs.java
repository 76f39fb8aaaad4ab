package io.rseqlab.collector.kernel;

import io.rseqlab.collector.machine.MachineProfile;

/** The kernel's costs on one machine, in cycles. */
final class Costs {
    final long syscall;
    final long yield;
    final long switching;
    final long futexWait;
    final long futexWake;
    final long futexAgain;
    final long futexWakeNobody;
    final long futexLook;
    final long futexWakeLook;
    final long tick;
    final long timerInterrupt;
    final long ipi;
    final long ipiHandler;
    /** What it costs to send an interrupt to another CPU: below a hypervisor, a way out of the machine. */
    final long ipiSend;

    final long wakeIdle;
    final long signal;
    final long signalReturn;
    final long abort;
    final long noiseRun;
    final long stealGap;
    final long timerLateness;
    final long tickJitter;
    final long pageFault;
    final long scan;
    final long scanPeriod;

    /**
     * Seconds of a fault on a page that is new and becomes zero, where the profile does not say: median on a Zen 5
     * server below a hypervisor, 3100 cycles of its time stamp counter at 2.6 GHz.
     */
    private static final double PAGE_FAULT_SECONDS = 1.2e-6;

    Costs(MachineProfile profile) {
        syscall = profile.cycles("kernel.syscall");
        yield = profile.cycles("kernel.yield");
        switching = profile.cycles("kernel.switch");
        futexWait = profile.cycles("kernel.futex_wait");
        futexWake = profile.cycles("kernel.futex_wake");
        futexAgain = profile.cycles("kernel.futex_again");
        futexWakeNobody = profile.cycles("kernel.futex_wake_nobody");
        // A call cannot look behind its own end: what a probe says beyond it is the way of the word's line.
        futexLook = Math.min(profile.cycles("kernel.futex_look"), futexAgain);
        futexWakeLook = Math.min(profile.cycles("kernel.futex_look"), futexWakeNobody);
        tick = profile.cycles("kernel.tick");
        timerInterrupt = profile.cycles("kernel.timer_interrupt");
        ipi = profile.cycles("kernel.ipi");
        ipiSend = Math.round(profile.costOr("kernel.ipi_send", 0));
        ipiHandler = profile.cycles("kernel.ipi_handler");
        wakeIdle = profile.cycles("kernel.wake_idle");
        signal = profile.cycles("kernel.signal");
        signalReturn = profile.cycles("kernel.signal_return");
        abort = profile.cycles("kernel.abort");
        timerLateness = profile.cycles("kernel.timer_lateness");
        tickJitter = profile.cycles("kernel.tick_jitter");
        pageFault = Math.round(profile.costOr("kernel.page_fault", PAGE_FAULT_SECONDS * profile.clockHz()));
        scan = profile.cycles("kernel.cid_scan");
        scanPeriod = profile.cycles("kernel.cid_scan_period");
        noiseRun = profile.cycles("kernel.noise_run");
        stealGap = Math.round(profile.costOr("steal.gap", 0));
    }
}
