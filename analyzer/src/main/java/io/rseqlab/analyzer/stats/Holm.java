package io.rseqlab.analyzer.stats;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Holm's step-down correction: p values adjusted over a whole table, so that the chance of any false finding in it
 * stays below the level, whatever the dependence between cells (Holm, <i>Scandinavian Journal of Statistics</i> 6,
 * 1979). Adjusted values keep the order of the raw ones.
 */
public final class Holm {
    private Holm() {}

    /**
     * Adjusted values, at the places of the raw ones. An absent p stays absent and does not count: a test that was not
     * made cannot be a false finding.
     */
    public static List<OptionalDouble> adjust(List<OptionalDouble> raw) {
        List<Integer> order = ascending(raw);
        List<OptionalDouble> adjusted = new ArrayList<>(Collections.nCopies(raw.size(), OptionalDouble.empty()));
        double soFar = 0;
        for (int rank = 0; rank < order.size(); rank++) {
            double p = raw.get(order.get(rank)).getAsDouble();
            soFar = Math.max(soFar, Math.min(1, (order.size() - rank) * p));
            adjusted.set(order.get(rank), OptionalDouble.of(soFar));
        }
        return List.copyOf(adjusted);
    }

    private static List<Integer> ascending(List<OptionalDouble> raw) {
        List<Integer> present = new ArrayList<>();
        for (int i = 0; i < raw.size(); i++) {
            if (raw.get(i).isPresent()) {
                Samples.requireProbability(raw.get(i).getAsDouble());
                present.add(i);
            }
        }
        present.sort(Comparator.comparingDouble(i -> raw.get(i).getAsDouble()));
        return present;
    }
}
