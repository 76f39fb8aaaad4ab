package io.rseqlab.reports.app;

import io.rseqlab.analyzer.command.TextTable;
import io.rseqlab.collector.conformance.Row;
import io.rseqlab.collector.conformance.Row.Verdict;
import io.rseqlab.collector.conformance.Rule;
import io.rseqlab.collector.kernel.RseqPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The rules under every policy side by side. */
final class ConformanceMatrix {
    private final Map<RseqPolicy, List<Row>> rows;
    private final String release;
    private final List<RseqPolicy> policies;
    private final List<Rule> rules;

    /** @param release release of this machine's kernel, null if it was not asked */
    ConformanceMatrix(Map<RseqPolicy, List<Row>> rows, String release) {
        this.rows = rows;
        this.release = release;
        policies = List.copyOf(rows.keySet());
        rules = rows.get(policies.get(0)).stream().map(Row::rule).toList();
    }

    /** A sentence for each rule and policy where the model does not do what the policy says. */
    List<String> differing() {
        List<String> sentences = new ArrayList<>();
        rows.forEach((policy, list) -> list.stream()
                .filter(ConformanceMatrix::modelDiffers)
                .forEach(row -> sentences.add(row.rule().id() + " differs: " + policy.id() + " says " + row.says()
                        + ", model " + row.model().outcome())));
        return sentences;
    }

    /** The kernel of this machine is one of many: that it differs from the others is no violation. */
    private static boolean modelDiffers(Row row) {
        return new Row(row.rule(), row.says(), row.model(), null).verdict() == Verdict.DIFFERS;
    }

    /** As short as it can be told: variants of a kernel stand right of it. */
    private static String head(String policy) {
        return policy.replaceFirst("^linux-([0-9.]+-)?", "").replaceFirst("-d32505$", "");
    }

    String table() {
        List<String> heads = new ArrayList<>(List.of("rule"));
        policies.forEach(policy -> heads.add(head(policy.id())));
        if (release != null) {
            heads.add("kernel");
        }
        TextTable table = new TextTable(heads.toArray(String[]::new));
        for (int i = 0; i < rules.size(); i++) {
            table.row(cells(i));
        }
        StringBuilder text = new StringBuilder(
                        "What each policy says of each rule. *: the model cannot show it. (...):")
                .append(" the policy's sources do not say, the\nmodel assumes it; ? where it does not either. \"model")
                .append(" ...\": the model did something else.\n\n");
        text.append(ConformanceReport.grouped(table.render(), rules)).append('\n');
        policies.forEach(policy -> text.append(summary(policy)));
        return text.toString();
    }

    private String[] cells(int rule) {
        List<String> cells = new ArrayList<>(List.of(rules.get(rule).id()));
        for (RseqPolicy policy : policies) {
            Row row = rows.get(policy).get(rule);
            cells.add(cell(row));
        }
        if (release != null) {
            Row any = rows.get(policies.get(0)).get(rule);
            cells.add(ConformanceReport.shown(any.kernel().outcome()));
        }
        return cells.toArray(String[]::new);
    }

    private static String cell(Row row) {
        String did = row.model().outcome();
        if (row.says() == null) {
            return did == null ? "?" : "(" + did + ")";
        }
        if (modelDiffers(row)) {
            return row.says() + ", model " + did;
        }
        return did == null ? row.says() + "*" : row.says();
    }

    private String summary(RseqPolicy policy) {
        List<Row> list = rows.get(policy);
        long said = list.stream().filter(row -> row.says() != null).count();
        long same = list.stream()
                .filter(row ->
                        row.says() != null && row.says().equals(row.model().outcome()))
                .count();
        String line = String.format(Locale.ROOT, "%-16s says %d; the model does %d of them", policy.id(), said, same);
        if (release != null) {
            long kernel = list.stream()
                    .filter(row ->
                            row.says() != null && row.says().equals(row.kernel().outcome()))
                    .count();
            line += String.format(Locale.ROOT, ", this machine's kernel (Linux %s) %d", release, kernel);
        }
        return line + "\n";
    }

    String json() {
        ObjectNode document = ConformanceReport.MAPPER.createObjectNode();
        document.put("kernel_release", release);
        ArrayNode names = document.putArray("policies");
        policies.forEach(policy -> names.add(policy.id()));
        ArrayNode list = document.putArray("rows");
        for (int i = 0; i < rules.size(); i++) {
            ObjectNode node = list.addObject();
            Rule rule = rules.get(i);
            node.put("id", rule.id());
            node.put("group", rule.group().id());
            node.put("what", rule.what());
            node.put("source", rule.source());
            ObjectNode columns = node.putObject("policies");
            for (RseqPolicy policy : policies) {
                Row row = rows.get(policy).get(i);
                ObjectNode column = columns.putObject(policy.id());
                column.put("policy", row.says());
                ConformanceReport.add(column.putObject("model"), row.model());
            }
            if (release != null) {
                ConformanceReport.add(
                        node.putObject("kernel"),
                        rows.get(policies.get(0)).get(i).kernel());
            }
        }
        return ConformanceReport.MAPPER.writeValueAsString(document) + "\n";
    }
}
