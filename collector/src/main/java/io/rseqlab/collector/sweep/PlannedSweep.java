package io.rseqlab.collector.sweep;

import io.rseqlab.collector.run.Interruption;
import io.rseqlab.collector.run.RatioOfRuns;
import io.rseqlab.collector.run.SeedRule;
import io.rseqlab.collector.run.StopFlag;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/** An experiment that a verb brings along: the same plan, folder and resumption as those of a user's file. */
public final class PlannedSweep {
    private final Plan plan;
    private final String name;
    private final Refinement refinement;
    private final SeedRule rule;
    private final RatioOfRuns ratios;

    /**
     * A plan, and what to call it in messages.
     *
     * @param refinement null for none
     * @param rule null where every point has the plan's seeds
     * @param ratios null where neither of them is there
     */
    PlannedSweep(Plan plan, String name, Refinement refinement, SeedRule rule, RatioOfRuns ratios) {
        this.plan = plan;
        this.name = name;
        this.refinement = refinement;
        this.rule = rule;
        this.ratios = ratios;
    }

    /**
     * What a run of it came to.
     *
     * @param runs the folder of the traces
     * @param before runs that were there already
     * @param complete runs that are there
     * @param adapted what came of the runs beyond the plan, in words; empty if it was not adapted
     * @param violations what the memory oracle found, run by run, in words; empty is good
     * @param unaudited runs made now whose books were not audited though nothing is wrong, each with the reason
     * @param interrupted whether the process was told to end before all runs were made
     */
    public record Outcome(
            Path runs,
            int before,
            int complete,
            List<String> adapted,
            List<String> violations,
            List<String> unaudited,
            boolean interrupted) {
        /** Says that the books of some runs were not audited; null where those of all runs made now were. */
        public String auditNote() {
            int made = complete - before;
            return unaudited.isEmpty()
                    ? null
                    : "note: " + unaudited.size() + " of the " + made + (made == 1 ? " run" : " runs")
                            + " made now were not audited for lost blocks; the first: " + unaudited.get(0);
        }
    }

    /**
     * Plans an experiment.
     *
     * @param text the experiment in TOML, as the sweep verb reads it from a file
     * @param name what to call it in messages
     * @throws ExperimentException if it says what cannot be meant
     */
    public static PlannedSweep of(String text, String name) {
        return new PlannedSweep(Planner.plan(ExperimentReader.parse(text, name)), name, null, null, null);
    }

    /** Runs in all. */
    public int size() {
        return plan.size();
    }

    /** Runs of each point. */
    public int seeds() {
        return plan.seeds().size();
    }

    /** Simulated seconds of all CPUs of all runs, warm-up included. */
    public double cpuSeconds() {
        return plan.cpuSeconds();
    }

    /**
     * Makes the runs that are not there yet. Should one fail, nothing half-written stays: nothing at all if no run is
     * complete, and how to go on is said otherwise.
     *
     * @param root folder of the data set: new or empty, or with {@code resume} one in which this was begun
     * @param jobs runs at the same time
     * @param err takes progress
     * @param resumption says how to go on, should the process be told to end, or a run fail
     * @throws io.rseqlab.trace.OutputException if the folder cannot be written, or holds something else
     * @throws ExperimentException if another experiment was begun there
     */
    @SuppressWarnings("try") // what is watched needs no name
    public Outcome run(Path root, boolean resume, int jobs, PrintWriter err, Supplier<String> resumption) {
        if (resume && !SweepFolder.isBegun(root)) {
            err.println("note: --resume: no sweep was begun in '" + root + "' yet, so that it begins now");
        }
        try (SweepFolder folder = SweepFolder.take(root, plan, name, resume)) {
            StopFlag stop = new StopFlag();
            boolean adapts = refinement != null || rule != null;
            Adaptation adaptation = adapts ? new Adaptation(plan, refinement, rule, ratios, folder::place) : null;
            Sweep sweep = new Sweep(plan, folder, adaptation);
            Supplier<String> state = () -> sweep.complete() + " of " + Math.max(plan.size(), sweep.asked())
                    + " runs of " + name + " are complete; " + resumption.get();
            int before;
            try (Interruption watched = Interruption.watch(stop, err, state)) {
                before = sweep.run(jobs, stop, err);
            } catch (RuntimeException | Error failure) {
                if (sweep.complete() > 0 || !folder.undo()) {
                    err.println("note: " + state.get());
                }
                throw failure;
            }
            List<String> adapted = adapts ? adaptation.words() : List.of();
            return new Outcome(
                    folder.runs(),
                    before,
                    sweep.complete(),
                    adapted,
                    sweep.violations(),
                    sweep.unaudited(),
                    stop.isRaised());
        }
    }
}
