package io.rseqlab.reports.app;

import io.rseqlab.analyzer.command.TextTable;
import io.rseqlab.collector.machine.MachineProfile;
import io.rseqlab.collector.machine.ProfileReader;
import io.rseqlab.collector.run.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Published figures against what the model says from the profiles of their machines. Nanoseconds depend on clocks that
 * publications seldom tell; what is held to the tolerance are ratios within one table.
 *
 * @param tables tables with predictions
 */
record PublishedValidation(List<Table> tables) {
    /** A ratio that is off by more is far off. */
    static final double WITHIN = 0.25;

    private static final int TEXT_COLUMNS = 100;
    private static final String INTRODUCTION = "Nanoseconds of one operation as published, and as the model predicts"
            + " them from the profile of that machine. Judged are ratios: to the first row of a table, or to the row"
            + " that a name says after \"to\". Far off is a ratio that is off by more than 25 %; why stands below its"
            + " table.";

    private static final JsonMapper MAPPER =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /** A table with its rows; the first row's ratios are 1. */
    record Table(PublishedFigures.Table source, List<Row> rows) {}

    /**
     * One figure.
     *
     * @param given the predicted value is the published one, because only differences to it are predicted
     * @param publishedRatio published over that of the row it is divided by
     * @param predictedRatio predicted over that of the row it is divided by
     */
    record Row(
            PublishedFigures.Figure figure,
            double predictedNs,
            boolean given,
            double publishedRatio,
            double predictedRatio) {
        /** Predicted over published nanoseconds, less 1. */
        double error() {
            return predictedNs / figure.ns() - 1;
        }

        /** Predicted over published ratio, less 1. */
        double ratioError() {
            return predictedRatio / publishedRatio - 1;
        }

        boolean farOff() {
            return Math.abs(ratioError()) > WITHIN;
        }
    }

    static PublishedValidation run(List<PublishedFigures.Table> sources, Progress progress) {
        List<Table> tables = new ArrayList<>();
        for (PublishedFigures.Table source : sources) {
            MachineProfile profile = ProfileReader.shipped(source.machine());
            double[] predicted = new double[source.figures().size()];
            for (int i = 0; i < predicted.length; i++) {
                predicted[i] = source.figures().get(i).run().ns(profile);
                progress.step();
            }
            tables.add(of(source, predicted));
        }
        return new PublishedValidation(List.copyOf(tables));
    }

    /** A table from what the programs of its figures took, in nanoseconds. */
    static Table of(PublishedFigures.Table source, double[] simulated) {
        double beside = source.differences() ? source.figures().get(0).ns() - simulated[0] : 0;
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < simulated.length; i++) {
            PublishedFigures.Figure figure = source.figures().get(i);
            double predicted = simulated[i] + beside;
            rows.add(new Row(
                    figure,
                    predicted,
                    source.differences() && i == 0,
                    figure.ns() / source.figures().get(figure.over()).ns(),
                    predicted / (simulated[figure.over()] + beside)));
        }
        return new Table(source, List.copyOf(rows));
    }

    private List<Row> ratios() {
        return tables.stream().flatMap(table -> table.rows.stream().skip(1)).toList();
    }

    /** Ratios that are off by more than a tolerance, one line each. */
    List<String> past(double tolerance) {
        List<String> past = new ArrayList<>();
        for (Table table : tables) {
            for (Row row : table.rows) {
                if (Math.abs(row.ratioError()) > tolerance) {
                    past.add(String.format(
                            Locale.ROOT,
                            "%s: the ratio of '%s' is off by %+.0f %%",
                            table.source.name(),
                            row.figure.of(),
                            100 * row.ratioError()));
                }
            }
        }
        return past;
    }

    // ---- text

    String text() {
        StringBuilder text = new StringBuilder(wrapped(INTRODUCTION, "")).append('\n');
        for (Table table : tables) {
            text.append(table.source.name()).append("; machine ").append(table.source.machine());
            text.append('\n').append(wrapped(table.source.publication(), "  ")).append(rows(table));
            for (Row row : table.rows) {
                if (row.farOff() && !row.figure.explanation().isEmpty()) {
                    text.append(wrapped("Why '" + row.figure.of() + "' is off: " + row.figure.explanation(), "  "));
                }
            }
            text.append('\n');
        }
        return text.append(summary()).toString();
    }

    private static String rows(Table table) {
        TextTable rows = new TextTable(
                "  figure", ">published ns", ">predicted", ">error", ">published ratio", ">predicted", ">error", "");
        for (Row row : table.rows) {
            boolean first = row == table.rows.get(0);
            rows.row(
                    "  " + row.figure.of(),
                    number(row.figure.ns()),
                    row.given ? "given" : number(row.predictedNs),
                    row.given ? "" : percent(row.error()),
                    number(row.publishedRatio),
                    number(row.predictedRatio),
                    first ? "" : percent(row.ratioError()),
                    row.farOff() ? "far off" : "");
        }
        return rows.render();
    }

    private String summary() {
        List<Row> ratios = ratios();
        long far = ratios.stream().filter(Row::farOff).count();
        double[] errors = ratios.stream()
                .mapToDouble(row -> Math.abs(row.ratioError()))
                .sorted()
                .toArray();
        return String.format(
                Locale.ROOT,
                "%d of %d ratios within %.0f %%; half of all within %.0f %%.%nProfiles are from other sources; their"
                        + " heads say which numbers were added when these figures had been seen.%n",
                ratios.size() - far,
                ratios.size(),
                100 * WITHIN,
                100 * ValidationMeasurement.median(errors));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value < 100 ? "%.2f" : "%.0f", value);
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%+.0f %%", 100 * share);
    }

    private static String wrapped(String text, String indent) {
        StringBuilder result = new StringBuilder();
        StringBuilder line = new StringBuilder(indent);
        for (String word : text.split(" ")) {
            if (line.length() > indent.length() && line.length() + 1 + word.length() > TEXT_COLUMNS) {
                result.append(line).append('\n');
                line = new StringBuilder(indent);
            }
            line.append(line.length() > indent.length() ? " " : "").append(word);
        }
        return result.append(line).append('\n').toString();
    }

    // ---- JSON

    String json(Double tolerance) {
        ObjectNode root = MAPPER.createObjectNode();
        List<Row> ratios = ratios();
        root.put("kind", "published_validation").put("format_version", 1);
        root.put("ratios", ratios.size());
        root.put(
                "ratios_within_25_percent",
                ratios.stream().filter(row -> !row.farOff()).count());
        root.put("tolerance", tolerance);
        ArrayNode past = root.putArray("past_tolerance");
        (tolerance == null ? List.<String>of() : past(tolerance)).forEach(past::add);
        ArrayNode array = root.putArray("tables");
        for (Table table : tables) {
            ObjectNode node = array.addObject();
            node.put("name", table.source.name())
                    .put("publication", table.source.publication())
                    .put("machine", table.source.machine());
            ArrayNode rows = node.putArray("rows");
            table.rows.forEach(
                    row -> add(rows.addObject(), row, table.source.figures().get(row.figure.over())));
        }
        return MAPPER.writeValueAsString(root) + "\n";
    }

    private static void add(ObjectNode node, Row row, PublishedFigures.Figure base) {
        node.put("figure", row.figure.of())
                .put("published_ns", row.figure.ns())
                .put("predicted_ns", row.given ? null : row.predictedNs)
                .put("relative_error", row.given ? null : row.error())
                .put("ratio_to", base.of())
                .put("published_ratio", row.publishedRatio)
                .put("predicted_ratio", row.predictedRatio)
                .put("ratio_relative_error", row.ratioError())
                .put("explanation", row.farOff() ? row.figure.explanation() : null);
    }
}
