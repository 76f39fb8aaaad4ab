package io.rseqlab.collector.run;

import io.rseqlab.trace.Folders;
import io.rseqlab.trace.NewFolder;
import io.rseqlab.trace.RunInfo;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The runs of one command, a single one in the command's folder and several in folders of their own below it. Where one
 * fails, those that are complete stay, and nothing of those that were cut short by it.
 */
final class RunSet {
    private final Path out;
    private final NewFolder folder;
    private final int jobs;
    private final StopFlag stop;
    private final PrintWriter err;

    private final List<Path> complete = new ArrayList<>();
    private final List<Path> cutShort = new ArrayList<>();

    /**
     * A set of none.
     *
     * @param out a place that does not exist or is empty
     * @param jobs runs at the same time
     * @param err takes progress, and what stays
     */
    RunSet(Path out, int jobs, StopFlag stop, PrintWriter err) {
        this.out = out;
        folder = NewFolder.at(out);
        this.jobs = jobs;
        this.stop = stop;
        this.err = err;
    }

    /** Where a run goes, among several. */
    static Path place(RunSpec spec) {
        String name = spec.strategySettings().toString().replaceAll("[^A-Za-z0-9.=-]+", "_");
        return Path.of(FolderNames.shortened(name), String.format(Locale.ROOT, "seed-%d", spec.seed()));
    }

    /** Makes more runs, until all are there or the flag is raised. */
    List<Collector.Outcome> run(List<RunSpec> specs) {
        try (Interruption interruption = Interruption.watch(stop, err)) {
            List<ParallelRuns.Job<Collector.Outcome>> work = new ArrayList<>();
            for (RunSpec spec : specs) {
                Path directory = specs.size() == 1 ? out : out.resolve(place(spec));
                work.add(() -> {
                    Collector.Outcome outcome = Collector.collect(spec, directory, stop);
                    boolean whole = RunInfo.COMPLETE.equals(outcome.info().state());
                    interruption.ran(directory, whole);
                    ended(directory, whole);
                    return outcome;
                });
            }
            return ParallelRuns.run(work, jobs, new Progress("collect", specs.size(), err), stop);
        } catch (RuntimeException | Error failure) {
            cleanUp();
            throw failure;
        }
    }

    private synchronized void ended(Path directory, boolean whole) {
        (whole ? complete : cutShort).add(directory);
    }

    /** Runs at the same time see each other's folders, so that neither takes away the one around them. */
    private synchronized void cleanUp() {
        try {
            for (Path directory : cutShort) {
                Folders.delete(directory);
            }
        } catch (IOException e) {
            // It stays. The failure before this one is told.
        }
        folder.prune();
        if (!complete.isEmpty()) {
            int count = complete.size();
            err.println("collect: "
                    + (count == 1 ? "1 run is complete and stays" : count + " runs are complete and stay")
                    + " in '" + out + "'");
        }
    }
}
