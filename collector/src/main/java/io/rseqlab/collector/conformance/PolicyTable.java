package io.rseqlab.collector.conformance;

import io.rseqlab.collector.conformance.Rule.Group;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the policies say, as written down in {@code policy-table.txt} from sources; no policy's code is asked. */
public final class PolicyTable {
    private static final String RESOURCE = "policy-table.txt";
    private static final String SILENT = "?";

    /** Cells before those of the policies: id, what, source. */
    private static final int FIRST_POLICY = 3;

    private final List<String> policies = new ArrayList<>();
    private final List<Rule> rules = new ArrayList<>();
    private Group group;
    private String groupSource;

    private PolicyTable(Iterable<String> lines) {
        for (String line : lines) {
            if (!line.isBlank() && !line.startsWith("#")) {
                read(line);
            }
        }
    }

    /** The table of the program. */
    public static PolicyTable shipped() {
        try (BufferedReader reader = new BufferedReader(
                new InputStreamReader(PolicyTable.class.getResourceAsStream(RESOURCE), StandardCharsets.UTF_8))) {
            return of(reader.lines().toList());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static PolicyTable of(List<String> lines) {
        return new PolicyTable(lines);
    }

    private void read(String line) {
        List<String> cells =
                Arrays.stream(line.split("\\|", -1)).map(String::strip).toList();
        String first = cells.get(0);
        if (first.equals("columns")) {
            policies.addAll(cells.subList(1, cells.size()));
        } else if (first.startsWith("[")) {
            int end = first.indexOf(']');
            group = new Group(first.substring(1, end), first.substring(end + 1).strip());
            groupSource = cells.get(1);
        } else {
            rules.add(rule(line, cells));
        }
    }

    private Rule rule(String line, List<String> cells) {
        if (group == null || cells.size() != FIRST_POLICY + policies.size()) {
            throw new IllegalStateException(RESOURCE + ": a line without a group, or with other columns: " + line);
        }
        Map<String, String> says = new HashMap<>();
        for (int i = 0; i < policies.size(); i++) {
            String outcome = cells.get(FIRST_POLICY + i);
            if (!outcome.equals(SILENT)) {
                says.put(policies.get(i), outcome);
            }
        }
        String own = cells.get(2);
        return new Rule(cells.get(0), group, cells.get(1), own.isEmpty() ? groupSource : own, says);
    }

    /** The rules, in the order of the table. */
    public List<Rule> rules() {
        return List.copyOf(rules);
    }

    /** The policies that have a column, in the order of the table. */
    public List<String> policies() {
        return List.copyOf(policies);
    }
}
