package io.rseqlab.reports.app;

import io.rseqlab.analyzer.command.TextTable;
import io.rseqlab.analyzer.result.AdviceDocument;
import io.rseqlab.analyzer.result.AdviceDocument.Neighbour;
import io.rseqlab.analyzer.result.AdviceDocument.Place;
import io.rseqlab.analyzer.result.AdviceDocument.Resemblance;
import io.rseqlab.analyzer.result.AdviceDocument.Standing;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** Advice as text for a terminal: the answer, the strategies in a table, the program's figures. */
final class AdviceTable {
    private AdviceTable() {}

    static String of(AdviceDocument advice, AdviceSubject subject) {
        StringBuilder text = new StringBuilder();
        advice.sentences().forEach(sentence -> text.append(sentence).append('\n'));
        List<Place> places = new ArrayList<>(advice.places());
        places.sort(Comparator.comparing(place -> place.thinkFactor() != 1));
        for (Place place : places) {
            text.append('\n')
                    .append(place.thinkFactor() == 1 ? "As it is" : "With")
                    .append(place.thinkFactor() == 1 ? "" : " ×" + AdviceSubject.plain(place.thinkFactor()))
                    .append(place.thinkFactor() == 1 ? "" : " of the work between calls")
                    .append(":\n")
                    .append(standings(place));
        }
        if (!advice.neighbours().isEmpty()) {
            text.append("\nWith one thing changed:\n").append(neighbours(advice));
        }
        if (Likeness.isOfPart(advice.likeness())) {
            text.append("\nWhat was run, beside the whole trace:\n").append(likeness(advice.likeness()));
        }
        text.append("\nThe program:\n");
        TextTable figures = new TextTable("figure", "value");
        subject.figures().forEach(figure -> figures.row(figure.label(), figure.text()));
        text.append(figures.render());
        advice.notes().forEach(note -> text.append("Note: ").append(note).append('\n'));
        return text.toString();
    }

    private static String neighbours(AdviceDocument advice) {
        TextTable table =
                new TextTable("axis", ">value", "winner", ">lead of the best mean", "not shown to be worse", "note");
        for (Neighbour neighbour : advice.neighbours()) {
            table.row(
                    neighbour.axis(),
                    AdviceSubject.plain(neighbour.value()),
                    neighbour.winner() == null ? "undecided" : neighbour.winner(),
                    AdviceWords.percent(neighbour.lead() - 1),
                    String.join(", ", neighbour.contenders()),
                    neighbour.note() == null ? "" : neighbour.note());
        }
        return table.render();
    }

    private static String likeness(List<Resemblance> rows) {
        TextTable table = new TextTable("figure", ">whole trace", ">what was run", "alike");
        for (Resemblance row : rows) {
            table.row(
                    Likeness.label(row.figure()),
                    Likeness.text(row.figure(), row.trace()),
                    Likeness.text(row.figure(), row.run()),
                    Likeness.alike(row));
        }
        return table.render();
    }

    private static String standings(Place place) {
        TextTable table = new TextTable(
                "strategy",
                ">Mop/s",
                ">of the best",
                "interval",
                "stands",
                ">malloc+free/op",
                ">malloc p99",
                ">p99.9",
                ">stranded",
                ">footprint/live");
        for (Standing standing : place.strategies()) {
            table.row(
                    standing.strategy(),
                    String.format(Locale.ROOT, "%.3f", standing.mean() / 1e6),
                    AdviceWords.percent(standing.ratio()),
                    standing.interval() == null
                            ? "–"
                            : "[" + AdviceWords.percent(standing.interval().low()) + ", "
                                    + AdviceWords.percent(standing.interval().high()) + "]",
                    standing.state().replace('_', ' '),
                    or(standing.allocatorNsPerOp(), AdviceWords::time),
                    or(standing.mallocP99Ns(), AdviceWords::time),
                    or(standing.mallocP999Ns(), AdviceWords::time),
                    or(standing.cachedBytes(), AdviceWords::bytes),
                    or(standing.footprintOverPeakLive(), AdviceWords::factor));
        }
        return table.render();
    }

    private static String or(Double value, Function<Double, String> text) {
        return value == null ? "–" : text.apply(value);
    }
}
