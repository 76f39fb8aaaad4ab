package io.rseqlab.reports.app;

import io.rseqlab.collector.sweep.PlannedSweep;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * An experiment of a study: a file in the form of the sweep verb, which a user may copy and change.
 *
 * @param name what its folder in the study is called
 * @param text the file
 */
record StudyExperiment(String name, String text) {
    /** Workloads in which each operation frees what another thread allocated. */
    static final String EXCHANGE = "exchange";

    /** From none of them to all. */
    static final String HANDOFF = "handoff";

    /** The same with a CPU for each of many threads. */
    static final String MANY_CPUS = "many-cpus";

    private static final String FOLDER = "study/message-passing/";

    /** The experiments of the study of message passing, in the order in which they run. */
    static List<StudyExperiment> messagePassing(boolean quick) {
        String form = quick ? "quick-" : "";
        return List.of(shipped(EXCHANGE, form), shipped(MANY_CPUS, form), shipped(HANDOFF, form));
    }

    private static StudyExperiment shipped(String name, String form) {
        String file = FOLDER + form + name + ".toml";
        try (InputStream in = StudyExperiment.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException("the program lacks its file " + file);
            }
            return new StudyExperiment(name, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The same with so many draws of costs from their ranges; as it is for 0. */
    StudyExperiment withCostDraws(int draws) {
        return draws == 0 ? this : new StudyExperiment(name, text + "\n[costs]\ndraws = " + draws + "\n");
    }

    /** The plan of its runs. */
    PlannedSweep plan() {
        return PlannedSweep.of(text, name);
    }
}
