package io.rseqlab.reports.page;

import io.rseqlab.analyzer.result.MetricValue;
import io.rseqlab.analyzer.result.RunResult;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the numbers rest on: simulated time and counts of events for each strategy of each cell and for each run. */
final class EvidenceSection {
    private EvidenceSection() {}

    static Views.Section of(Draft draft) {
        List<Views.Grid> grids = new ArrayList<>();
        List<Views.Grid> folded = new ArrayList<>();
        if (!draft.observed().isEmpty()) {
            (draft.leaders().crowded() ? folded : grids).add(draft.grid(events(draft.observed())));
        }
        if (draft.model().runs() != null) {
            draft.model().runs().runs().forEach(run -> folded.add(draft.grid(metrics(run, draft.runNames()))));
        }
        return new Views.Section(
                "evidence",
                "What was seen",
                "Judge a cell by its events: a share of aborts from ten interruptions says little.",
                draft.observed().isEmpty() ? "no runs" : null,
                List.of(),
                grids,
                folded);
    }

    private static Table events(List<Observed> all) {
        List<String> headers = new ArrayList<>(List.of("cell", "strategy", "runs", "time"));
        headers.addAll(Observed.EVENTS);
        List<List<Object>> rows = new ArrayList<>();
        for (Observed one : all) {
            List<Object> row = new ArrayList<>(Arrays.asList(
                    one.place(), Draft.orRecorded(one.strategy()), one.runs(), Quantity.seconds(one.seconds())));
            Observed.EVENTS.forEach(event -> row.add(one.events().get(event)));
            rows.add(row);
        }
        return new Table("Time and events, runs of a strategy summed", headers, rows, null);
    }

    private static Table metrics(RunResult run, CellNames names) {
        String place = Observed.place(run, names);
        String name =
                run.key().strategy() == null ? place : place + " · " + run.key().strategy();
        Map<String, MetricValue> leaves = new LinkedHashMap<>();
        run.metrics().forEach((id, value) -> flatten(id, value, leaves));
        List<List<Object>> rows = new ArrayList<>();
        leaves.forEach((id, value) -> rows.add(Arrays.asList(id, number(value), value.unit(), value.note())));
        rows.removeIf(row -> row.get(1) == null);
        rows.forEach(row -> row.set(3, row.get(3) == null ? "" : row.get(3)));
        String note =
                rows.size() < leaves.size() ? (leaves.size() - rows.size()) + " metrics have no data here." : null;
        return new Table("Metrics of " + name, List.of("metric", "value", "unit", "note"), rows, note);
    }

    private static Object number(MetricValue value) {
        if (value.value() instanceof Long || value.value() == null) {
            return value.value();
        }
        return Quantity.of(value.value().doubleValue(), value.interval(), Quantity.Form.NUMBER);
    }

    private static void flatten(String id, MetricValue value, Map<String, MetricValue> leaves) {
        if (value.isGroup()) {
            value.parts().forEach((name, part) -> flatten(id + "." + name, part, leaves));
        } else {
            leaves.put(id, value);
        }
    }
}
