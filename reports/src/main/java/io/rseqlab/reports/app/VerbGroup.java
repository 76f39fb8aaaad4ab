package io.rseqlab.reports.app;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Help;

/** Verbs that serve one purpose, under the heading the help gives them. */
record VerbGroup(String heading, List<Class<?>> verbs) {

    static VerbGroup of(String heading, Class<?>... verbs) {
        return new VerbGroup(heading, List.of(verbs));
    }

    /** The list of verbs in the help of the program: group after group, all summaries in one column. */
    static String renderAll(Help help) {
        Map<Class<?>, Help> rows = new LinkedHashMap<>();
        for (Help verb : help.subcommands().values()) {
            rows.put(verb.commandSpec().userObject().getClass(), verb);
        }
        int width = rows.values().stream()
                .mapToInt(verb -> verb.commandSpec().name().length())
                .max()
                .orElse(0);
        StringBuilder text = new StringBuilder();
        for (VerbGroup group : Main.VERBS) {
            group.render(rows, width, text);
        }
        return text.toString();
    }

    private void render(Map<Class<?>, Help> rows, int width, StringBuilder text) {
        if (verbs.stream().noneMatch(rows::containsKey)) {
            return;
        }
        text.append(String.format("%n%s:%n", heading));
        for (Class<?> verb : verbs) {
            if (rows.containsKey(verb)) {
                Help row = rows.get(verb);
                String name = row.commandSpec().name();
                text.append(String.format("  %-" + width + "s  %s%n", name, summary(row)));
            }
        }
    }

    private static String summary(Help verb) {
        String[] header = verb.commandSpec().usageMessage().header();
        String[] description = verb.commandSpec().usageMessage().description();
        if (header.length > 0) {
            return header[0];
        }
        return description.length > 0 ? description[0] : "";
    }
}
