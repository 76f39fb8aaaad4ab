package io.rseqlab.collector.sweep;

import io.rseqlab.collector.run.Collector;
import io.rseqlab.collector.run.ParallelRuns;
import io.rseqlab.collector.run.Progress;
import io.rseqlab.collector.run.StopFlag;
import io.rseqlab.trace.RunInfo;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Makes the runs of a plan that are not there yet. */
final class Sweep {
    private final Plan plan;
    private final SweepFolder folder;
    private final HostMemory memory = new HostMemory(Runtime.getRuntime().maxMemory());
    private final AtomicInteger complete = new AtomicInteger();
    private final List<String> violations = new ArrayList<>();
    private final List<String> unaudited = new ArrayList<>();
    private final Adaptation adaptation;
    private int asked;

    /** The runs of a plan, and those that it is adapted by; null for none. */
    Sweep(Plan plan, SweepFolder folder, Adaptation adaptation) {
        this.plan = plan;
        this.folder = folder;
        this.adaptation = adaptation;
    }

    /** A run to be made; {@code index} names its folder while it is open. */
    private record Task(int index, Plan.Run run) {}

    private List<Task> missing(List<Plan.Run> runs) {
        List<Task> missing = new ArrayList<>();
        for (int i = 0; i < runs.size(); i++) {
            RunInfo there = folder.done(runs.get(i));
            if (there == null) {
                missing.add(new Task(asked + i, runs.get(i)));
            } else {
                complete.incrementAndGet();
                note(runs.get(i), there);
            }
        }
        asked += runs.size();
        return missing;
    }

    /**
     * Makes them, until all are there or a flag is raised.
     *
     * @return how many were there before
     */
    int run(int jobs, StopFlag stop, PrintWriter err) {
        try {
            int before = make(plan.runs(), jobs, stop, err);
            if (adaptation != null && !stop.isRaised()) {
                for (List<Plan.Run> more = adaptation.next();
                        !more.isEmpty() && !stop.isRaised();
                        more = stop.isRaised() ? List.of() : adaptation.next()) {
                    before += make(more, jobs, stop, err);
                }
            }
            return before;
        } finally {
            folder.dropOpen();
        }
    }

    private int make(List<Plan.Run> runs, int jobs, StopFlag stop, PrintWriter err) {
        int done = complete.get();
        List<Task> missing = missing(runs);
        int before = complete.get() - done;
        double work = missing.stream()
                .mapToDouble(task -> task.run().point().cpuSeconds())
                .sum();
        List<ParallelRuns.Job<Void>> all = new ArrayList<>();
        missing.forEach(task -> all.add(new Made(task, stop)));
        ParallelRuns.run(all, jobs, new Progress("sweep", missing.size(), work, err), stop);
        return before;
    }

    /** Runs that were asked for so far, by the plan and what adapts it. */
    int asked() {
        return asked;
    }

    /** Runs that are there. */
    int complete() {
        return complete.get();
    }

    /** What the memory oracle found, run by run, in words; empty is good. */
    synchronized List<String> violations() {
        return List.copyOf(violations);
    }

    /** Runs made now whose books were not audited though nothing is wrong, each with the reason. */
    synchronized List<String> unaudited() {
        return List.copyOf(unaudited);
    }

    private synchronized void noteUnaudited(Plan.Run run, String why) {
        unaudited.add(folder.place(run) + ": " + why);
    }

    private synchronized void note(Plan.Run run, RunInfo info) {
        if (info.violated()) {
            violations.add(folder.place(run) + ": " + info.firstViolations().get(0));
        }
    }

    private final class Made implements ParallelRuns.Job<Void> {
        private final Task task;
        private final StopFlag stop;

        Made(Task task, StopFlag stop) {
            this.task = task;
            this.stop = stop;
        }

        @Override
        public Void run() throws InterruptedException {
            int mib = memory.take(task.run().point().spec());
            try {
                if (!stop.isRaised()) {
                    make();
                }
            } finally {
                memory.give(mib);
            }
            return null;
        }

        private void make() {
            Collector.Outcome outcome = Collector.collect(task.run().spec(), folder.open(task.index()), stop);
            if (outcome.info().state().equals(RunInfo.COMPLETE)) {
                folder.complete(task.index(), task.run());
                complete.incrementAndGet();
                note(task.run(), outcome.info());
                if (!task.run().point().spec().oracle()) {
                    noteUnaudited(task.run(), "the memory oracle was left out");
                } else if (outcome.unaudited() != null) {
                    noteUnaudited(task.run(), outcome.unaudited());
                }
            }
        }

        @Override
        public double work() {
            return task.run().point().cpuSeconds();
        }
    }
}
