package io.rseqlab.reports.page;

import io.rseqlab.analyzer.result.Cell;
import io.rseqlab.analyzer.result.Contrast;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which places get a picture where one per place would be too many: in each panel the one that differs most. */
final class Focus {
    private static final int MOST = 4;

    private Focus() {}

    /** What was observed, by place, for the places worth a picture. */
    static Map<String, List<Observed>> places(Draft draft) {
        List<String> chosen = new ArrayList<>();
        for (List<Cell> cells : draft.panels().values()) {
            cells.stream()
                    .max(Comparator.comparingDouble(cell -> distance(draft, cell)))
                    .ifPresent(cell -> chosen.add(draft.names().name(cell.key())));
        }
        Map<String, List<Observed>> places = new LinkedHashMap<>();
        for (Observed one : draft.observed()) {
            boolean wanted = draft.cells().isEmpty() || chosen.contains(one.place());
            if (wanted && (places.containsKey(one.place()) || places.size() < MOST)) {
                places.computeIfAbsent(one.place(), any -> new ArrayList<>()).add(one);
            }
        }
        return places;
    }

    /** How far the first other strategy is from the baseline. */
    private static double distance(Draft draft, Cell cell) {
        return cell.contrasts().stream()
                .filter(contrast ->
                        contrast.metric().equals(draft.model().comparison().metric()))
                .map(Contrast::ratio)
                .filter(ratio -> ratio != null && ratio > 0)
                .findFirst()
                .map(ratio -> Math.abs(Math.log(ratio)))
                .orElse(-1.0);
    }
}
