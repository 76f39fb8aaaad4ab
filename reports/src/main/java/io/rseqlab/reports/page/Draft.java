package io.rseqlab.reports.page;

import io.rseqlab.analyzer.result.Cell;
import io.rseqlab.analyzer.result.CellKey;
import io.rseqlab.analyzer.result.StrategyResult;
import io.rseqlab.reports.chart.Picture;
import io.rseqlab.reports.chart.Styles;
import io.rseqlab.reports.chart.Theme;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** A page in the making: what its sections share, and the pictures and tables they have put on it. */
final class Draft {
    private final ReportModel model;
    private final CellNames names;
    private final CellNames runNames;
    private final List<Observed> observed;
    private final Leaders leaders;
    private final Styles styles;
    private final Map<String, Drawing> drawings = new LinkedHashMap<>();
    private final List<Table> tables = new ArrayList<>();
    private String json;

    Draft(ReportModel model) {
        this.model = model;
        this.names = new CellNames(cells().stream().map(Cell::key).toList());
        this.runNames = runNames(model, names);
        this.observed = Observed.all(model, names, runNames);
        Set<String> strategies = new LinkedHashSet<>();
        observed.stream().map(Observed::strategy).map(Draft::orRecorded).forEach(strategies::add);
        this.leaders = Leaders.of(model.comparison(), fullCells(), strategies);
        this.styles = leaders.crowded() ? Styles.standingOut(strategies, leaders.first()) : Styles.of(strategies);
    }

    private static CellNames runNames(ReportModel model, CellNames names) {
        if (model.runs() == null) {
            return names;
        }
        Stream<CellKey> compared = model.comparison() == null
                ? Stream.of()
                : model.comparison().cells().stream().map(Cell::key);
        Stream<CellKey> alone =
                model.runs().runs().stream().map(run -> run.key().cell());
        return new CellNames(Stream.concat(compared, alone).toList());
    }

    /** The name under which runs without a strategy are drawn. */
    static String orRecorded(String strategy) {
        return strategy == null ? "recorded" : strategy;
    }

    ReportModel model() {
        return model;
    }

    CellNames names() {
        return names;
    }

    /** Names for runs shown by themselves, beside the cells. */
    CellNames runNames() {
        return runNames;
    }

    List<Observed> observed() {
        return observed;
    }

    /** Who stands out, and whether anybody has to. */
    Leaders leaders() {
        return leaders;
    }

    /** True of all where they are few, else of those that stand out: what cannot have its name beside it. */
    boolean drawsCurve(String strategy) {
        return !leaders.crowded() || leaders.first().contains(orRecorded(strategy));
    }

    boolean isBaseline(String strategy) {
        return model.comparison() != null && model.comparison().baseline().equals(strategy);
    }

    Styles styles() {
        return styles;
    }

    Theme theme() {
        return Theme.STANDARD;
    }

    /** All pictures by name. Drawn from the last to the first here, as others come from the first to the last. */
    Map<String, Picture> pictures() {
        List<Drawing> begun = new ArrayList<>(drawings.values());
        Collections.reverse(begun);
        begun.forEach(Drawing::picture);
        Map<String, Picture> pictures = new LinkedHashMap<>();
        drawings.forEach((name, drawing) -> pictures.put(name, drawing.picture()));
        return pictures;
    }

    /** The page's data as JSON, made once: to be asked for when all tables are on the page. */
    String json() {
        if (json == null) {
            json = Embedded.json(model, tables);
        }
        return json;
    }

    List<Cell> cells() {
        return model.comparison() == null ? List.of() : model.comparison().cells();
    }

    /** Every strategy of the comparison, baseline first. */
    List<String> strategies() {
        Set<String> all = new LinkedHashSet<>();
        if (model.comparison() != null) {
            all.add(model.comparison().baseline());
        }
        cells().forEach(cell ->
                cell.strategies().stream().map(StrategyResult::strategy).forEach(all::add));
        return List.copyOf(all);
    }

    /**
     * The cells that every strategy ran in, which can stand in one table; all where there is none. A series over thread
     * counts, say, may have only some of the strategies.
     */
    List<Cell> fullCells() {
        int all = strategies().size();
        List<Cell> full =
                cells().stream().filter(cell -> cell.strategies().size() == all).toList();
        return full.isEmpty() ? cells() : full;
    }

    /** Full cells that may share an axis: everything but the workload is the same. */
    Map<String, List<Cell>> panels() {
        Map<String, List<Cell>> panels = new LinkedHashMap<>();
        for (Cell cell : fullCells()) {
            panels.computeIfAbsent(names.place(cell.key()), place -> new ArrayList<>())
                    .add(cell);
        }
        return panels;
    }

    Views.Figure figure(String id, String caption, String alt, Supplier<Picture> chart, Table table) {
        String name = id;
        for (int i = 2; drawings.containsKey(name); i++) {
            name = id + "-" + i;
        }
        Drawing drawing = Drawing.begin(chart);
        drawings.put(name, drawing);
        return new Views.Figure(name, caption, alt, drawing, grid(table));
    }

    Views.Grid grid(Table table) {
        tables.add(table);
        return Views.grid(table);
    }
}
