package io.rseqlab.reports.app;

import io.rseqlab.analyzer.command.TextTable;
import io.rseqlab.collector.conformance.Observation;
import io.rseqlab.collector.conformance.Row;
import io.rseqlab.collector.conformance.Row.Verdict;
import io.rseqlab.collector.conformance.Rule;
import io.rseqlab.collector.kernel.RseqPolicy;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The rules under one policy, as a table for people and as JSON. */
final class ConformanceReport {
    static final JsonMapper MAPPER =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private static final int COLUMNS = 120;
    private static final String NOTHING = "-";
    private static final String SILENT = "?";

    private final RseqPolicy policy;
    private final List<Row> rows;
    private final String release;

    /** @param release release of this machine's kernel, null if it was not asked */
    ConformanceReport(RseqPolicy policy, List<Row> rows, String release) {
        this.policy = policy;
        this.rows = rows;
        this.release = release;
    }

    /** A sentence for each rule that differs. */
    List<String> differing() {
        return rows.stream()
                .filter(row -> row.verdict() == Verdict.DIFFERS)
                .map(row -> row.rule().id() + " differs: " + policy.id() + " says " + said(row) + ", model "
                        + shown(row.model().outcome())
                        + (release == null
                                ? ""
                                : ", kernel " + shown(row.kernel().outcome())))
                .toList();
    }

    String table() {
        Map<String, List<String>> reasons = new LinkedHashMap<>();
        TextTable table = release == null
                ? new TextTable("rule", "what happens", "policy", "model", "verdict")
                : new TextTable("rule", "what happens", "policy", "model", "kernel", "verdict");
        for (Row row : rows) {
            List<String> cells = new ArrayList<>(List.of(
                    row.rule().id(),
                    row.rule().what(),
                    said(row),
                    shown(row.model().outcome())));
            if (release != null) {
                cells.add(shown(row.kernel().outcome()));
            }
            cells.add(verdict(row, reasons));
            table.row(cells.toArray(String[]::new));
        }
        StringBuilder text = new StringBuilder();
        heading(text);
        text.append(grouped(table.render(), rows.stream().map(Row::rule).toList()));
        text.append('\n').append(counts()).append('\n');
        footnotes(text, reasons);
        return text.toString();
    }

    private void heading(StringBuilder text) {
        text.append("policy: ")
                .append(policy.id())
                .append(", ")
                .append(policy.summary())
                .append('\n');
        if (release != null) {
            text.append("kernel: Linux ").append(release).append(", this machine's\n");
            if (!sameRelease()) {
                text.append("note: the policy is of another kernel; where the two disagree, rows differ\n");
            }
        }
        text.append('\n');
    }

    private boolean sameRelease() {
        String name = "linux-" + release + ".";
        return name.startsWith(policy.id() + ".");
    }

    private String counts() {
        return String.format(
                Locale.ROOT,
                "%d rules: %d same, %d differ, %d cannot be shown%s",
                rows.size(),
                count(Verdict.SAME),
                count(Verdict.DIFFERS),
                count(Verdict.NOT_SHOWN),
                count(Verdict.ASSUMED) == 0
                        ? ""
                        : ", " + count(Verdict.ASSUMED) + " assumed by the model: the policy's sources do not say");
    }

    private long count(Verdict verdict) {
        return rows.stream().filter(row -> row.verdict() == verdict).count();
    }

    /** The verdict; the numbers in brackets are those of footnotes. */
    private static String verdict(Row row, Map<String, List<String>> reasons) {
        StringBuilder text = new StringBuilder(
                switch (row.verdict()) {
                    case SAME -> "same";
                    case DIFFERS -> "DIFFERS";
                    case ASSUMED -> "assumed";
                    case NOT_SHOWN -> "";
                });
        for (String reason : row.reasons()) {
            reasons.computeIfAbsent(reason, key -> new ArrayList<>())
                    .add(row.rule().id());
            text.append('[')
                    .append(List.copyOf(reasons.keySet()).indexOf(reason) + 1)
                    .append(']');
        }
        return text.toString();
    }

    /** The lines of a table with a heading and an empty line before the first rule of each group. */
    static String grouped(String table, List<Rule> rules) {
        List<String> lines = table.lines().toList();
        StringBuilder text = new StringBuilder(lines.get(0)).append('\n');
        Rule.Group group = null;
        for (int i = 0; i < rules.size(); i++) {
            if (!rules.get(i).group().equals(group)) {
                group = rules.get(i).group();
                text.append('\n').append(group.title()).append('\n');
            }
            text.append(lines.get(i + 1)).append('\n');
        }
        return text.toString();
    }

    private static void footnotes(StringBuilder text, Map<String, List<String>> reasons) {
        int number = 1;
        for (Map.Entry<String, List<String>> reason : reasons.entrySet()) {
            String head = "[" + number++ + "] " + reason.getKey() + ": ";
            StringBuilder line = new StringBuilder(head);
            List<String> rules = reason.getValue();
            for (int i = 0; i < rules.size(); i++) {
                String next = rules.get(i) + (i + 1 < rules.size() ? ", " : "");
                if (line.length() + next.stripTrailing().length() > COLUMNS) {
                    text.append(line.toString().stripTrailing()).append('\n');
                    line = new StringBuilder("    ");
                }
                line.append(next);
            }
            text.append(line).append('\n');
        }
    }

    private static String said(Row row) {
        return row.says() == null ? SILENT : row.says();
    }

    static String shown(String outcome) {
        return outcome == null ? NOTHING : outcome;
    }

    String json() {
        ObjectNode document = MAPPER.createObjectNode();
        document.put("policy", policy.id());
        document.put("kernel_release", release);
        document.put("rules", rows.size());
        document.put("same", count(Verdict.SAME));
        document.put("differ", count(Verdict.DIFFERS));
        document.put("not_shown", count(Verdict.NOT_SHOWN));
        document.put("assumed", count(Verdict.ASSUMED));
        ArrayNode list = document.putArray("rows");
        rows.forEach(row -> add(list.addObject(), row));
        return MAPPER.writeValueAsString(document) + "\n";
    }

    private static void add(ObjectNode node, Row row) {
        node.put("id", row.rule().id());
        node.put("group", row.rule().group().id());
        node.put("what", row.rule().what());
        node.put("source", row.rule().source());
        node.put("policy", row.says());
        add(node.putObject("model"), row.model());
        if (row.kernel() != null) {
            add(node.putObject("kernel"), row.kernel());
        }
        node.put("verdict", row.verdict().name().toLowerCase(Locale.ROOT));
        ArrayNode reasons = node.putArray("not_shown");
        row.reasons().forEach(reasons::add);
    }

    static void add(ObjectNode node, Observation seen) {
        node.put("outcome", seen.outcome());
        node.put("note", seen.note());
    }
}
