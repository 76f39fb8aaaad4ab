package io.rseqlab.collector.run;

import io.rseqlab.collector.live.SchedulerFigures;
import io.rseqlab.trace.Column;
import io.rseqlab.trace.Event;
import io.rseqlab.trace.EventSink;
import java.util.ArrayList;
import java.util.List;

/** Counts what happened to threads, from the events of a run. Threads above the known ones are the kernel's. */
final class SchedulerObserver implements EventSink {
    /** A thread that was away for less does not notice. */
    private static final double GAP_US = 150;

    private final OfThread[] threads;
    private final long[] wakeUpCycles;
    private final double cyclesPerUs;
    private long from = Long.MAX_VALUE;

    private static final class OfThread {
        int startCpu = -1;
        boolean running;
        long since;
        long lastOut = Long.MIN_VALUE / 2;
        /** Start of the run that it sees, across gaps that it does not notice. */
        long runFrom;

        long wokenAt = -1;
        long ranCycles;
        long voluntary;
        long involuntary;
        long migrations;
        final List<Double> slicesUs = new ArrayList<>();
        final List<Double> latenciesUs = new ArrayList<>();
    }

    /** The cycles are what each thread's wake-up takes beside waiting: the timer's interrupt, the switch. */
    SchedulerObserver(long[] wakeUpCycles, long clockHz) {
        this.wakeUpCycles = wakeUpCycles.clone();
        threads = new OfThread[wakeUpCycles.length];
        for (int i = 0; i < threads.length; i++) {
            threads[i] = new OfThread();
        }
        cyclesPerUs = clockHz / 1e6;
    }

    void begin(long cycle) {
        from = cycle;
        for (OfThread thread : threads) {
            thread.since = Math.max(thread.since, cycle);
        }
    }

    @Override
    public void accept(Event event) {
        switch (event.kind()) {
            case SWITCH -> {
                if (event.thread() >= 0 && event.thread() < threads.length) {
                    left(threads[event.thread()], event.cycle(), event.text(Column.STATE));
                }
                long next = event.number(Column.OTHER_THREAD);
                if (next >= 0 && next < threads.length) {
                    entered((int) next, event.cycle(), event.cpu());
                }
            }
            case MIGRATE -> threads[event.thread()].migrations += event.cycle() >= from ? 1 : 0;
            case WAKEUP -> threads[event.thread()].wokenAt = event.cycle();
            default -> {}
        }
    }

    private void left(OfThread thread, long cycle, String why) {
        thread.running = false;
        thread.lastOut = cycle;
        if (cycle < from) {
            return;
        }
        thread.ranCycles += cycle - thread.since;
        if ("blocked".equals(why)) {
            thread.voluntary++;
        } else {
            thread.involuntary++;
        }
    }

    private void entered(int number, long cycle, int cpu) {
        OfThread thread = threads[number];
        double awayUs = (cycle - thread.lastOut) / cyclesPerUs;
        boolean woken = thread.wokenAt >= 0;
        if (thread.startCpu < 0) {
            thread.startCpu = cpu;
            thread.runFrom = cycle;
        } else if (woken || awayUs > GAP_US) {
            if (cycle >= from && !woken) {
                thread.slicesUs.add((thread.lastOut - thread.runFrom) / cyclesPerUs);
            }
            thread.runFrom = cycle;
        }
        if (woken && cycle >= from) {
            thread.latenciesUs.add((cycle - thread.wokenAt + wakeUpCycles[number]) / cyclesPerUs);
        }
        thread.wokenAt = -1;
        thread.running = true;
        thread.since = cycle;
    }

    SchedulerFigures end(long cycle, long[] turns) {
        List<SchedulerFigures.OfThread> figures = new ArrayList<>();
        for (int i = 0; i < threads.length; i++) {
            OfThread thread = threads[i];
            long ran = thread.ranCycles + (thread.running ? cycle - thread.since : 0);
            figures.add(new SchedulerFigures.OfThread(
                    thread.startCpu,
                    ran / cyclesPerUs / 1e6,
                    turns[i],
                    thread.voluntary,
                    thread.involuntary,
                    thread.migrations,
                    thread.slicesUs,
                    thread.latenciesUs));
        }
        return new SchedulerFigures((cycle - from) / cyclesPerUs / 1e6, figures);
    }
}
