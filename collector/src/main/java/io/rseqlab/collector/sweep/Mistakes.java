package io.rseqlab.collector.sweep;

import java.util.ArrayList;
import java.util.List;

/** Mistakes of an experiment's file that do not hang together: whoever mends one need not run into the next. */
final class Mistakes {
    private static final int MOST_TOLD = 20;

    private final List<String> told = new ArrayList<>();

    /** Does what may find a mistake, and goes on. */
    void in(Runnable look) {
        try {
            look.run();
        } catch (ExperimentException mistake) {
            told.add(mistake.getMessage());
        }
    }

    /**
     * Tells all that were found, a line each.
     *
     * @throws ExperimentException if there are any
     */
    void tell() {
        if (told.isEmpty()) {
            return;
        }
        List<String> lines = new ArrayList<>(told.subList(0, Math.min(MOST_TOLD, told.size())));
        if (told.size() > MOST_TOLD) {
            lines.add("and " + (told.size() - MOST_TOLD) + " mistakes more");
        }
        throw new ExperimentException(String.join("\n", lines));
    }
}
