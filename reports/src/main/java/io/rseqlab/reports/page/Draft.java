package io.rseqlab.reports.page;

import io.rseqlab.analyzer.result.Cell;
import io.rseqlab.analyzer.result.StrategyResult;
import io.rseqlab.reports.chart.Picture;
import io.rseqlab.reports.chart.Styles;
import io.rseqlab.reports.chart.Theme;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A page in the making: what its sections share, and the pictures and tables they have put on it. */
final class Draft {
    private final ReportModel model;
    private final CellNames names;
    private final List<Observed> observed;
    private final Styles styles;
    private final Map<String, Picture> pictures = new LinkedHashMap<>();
    private final List<Table> tables = new ArrayList<>();

    Draft(ReportModel model) {
        this.model = model;
        this.names = new CellNames(cells().stream().map(Cell::key).toList());
        this.observed = Observed.all(model, names);
        Set<String> strategies = new LinkedHashSet<>();
        observed.stream().map(Observed::strategy).map(Draft::orRecorded).forEach(strategies::add);
        this.styles = Styles.of(strategies);
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

    List<Observed> observed() {
        return observed;
    }

    Styles styles() {
        return styles;
    }

    Theme theme() {
        return Theme.STANDARD;
    }

    Map<String, Picture> pictures() {
        return pictures;
    }

    List<Table> tables() {
        return tables;
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

    /** Cells that may share an axis: everything but the workload is the same. */
    Map<String, List<Cell>> panels() {
        Map<String, List<Cell>> panels = new LinkedHashMap<>();
        for (Cell cell : cells()) {
            panels.computeIfAbsent(names.place(cell.key()), place -> new ArrayList<>())
                    .add(cell);
        }
        return panels;
    }

    Views.Figure figure(String id, String caption, String alt, Picture picture, Table table) {
        String name = id;
        for (int i = 2; pictures.containsKey(name); i++) {
            name = id + "-" + i;
        }
        pictures.put(name, picture);
        String source = "data:image/png;base64," + Base64.getEncoder().encodeToString(picture.png());
        return new Views.Figure(name, caption, alt, source, picture.width(), picture.height(), grid(table));
    }

    Views.Grid grid(Table table) {
        tables.add(table);
        return Views.grid(table);
    }
}
