package io.rseqlab.collector.sweep;

import io.rseqlab.collector.run.RunSpec;
import io.rseqlab.collector.run.RunSpecs;
import io.rseqlab.collector.spec.Nearest;
import io.rseqlab.collector.spec.UsageException;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.dataformat.toml.TomlMapper;

/**
 * Reads an experiment's file: {@code title}, {@code seeds}, a table {@code [run]} with what all runs share, a table
 * {@code [grid]} whose lists are combined each with each, any number of {@code [[zip]]} whose lists go together, a
 * table {@code [refine]} with axes of the grid to look at more closely, and a table {@code [costs]} with how often to
 * draw costs from their ranges. Says of each mistake its line, its key, and what is allowed.
 */
final class ExperimentReader {
    /** Ten are the least for comparisons. */
    static final String DEFAULT_SEEDS = "1..10";

    private static final String SEEDS = "seeds";
    private static final String REFINE = "refine";
    private static final String COSTS = "costs";
    private static final String DRAWS = "draws";

    /** Of each draw, unless said otherwise: enough to average what seeds differ by, few enough for many draws. */
    private static final int SEEDS_OF_DRAW = 3;

    private static final int MOST_DRAWS = 1000;

    /** More halvings than numbers of the size that occurs have binary digits. */
    private static final int MOST_HALVINGS = 32;

    private static final List<String> TOP = List.of("title", SEEDS, "run", "grid", "zip", REFINE, COSTS);

    private final String file;
    private final TomlLines lines;
    private final Mistakes mistakes = new Mistakes();

    private ExperimentReader(String file, String text) {
        this.file = file;
        this.lines = new TomlLines(text);
    }

    /**
     * Reads a file.
     *
     * @throws ExperimentException if it cannot be read, or says what cannot be meant
     */
    static Experiment read(Path file) {
        try {
            return parse(Files.readString(file), file.toString());
        } catch (NoSuchFileException e) {
            throw new UnreadableExperimentException("no such file: " + file, e);
        } catch (MalformedInputException e) {
            throw new UnreadableExperimentException(file + ": not text in UTF-8", e);
        } catch (IOException e) {
            throw new UnreadableExperimentException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    /** The same from a text. */
    static Experiment parse(String text, String file) {
        return new ExperimentReader(file, text).experiment(tree(text, file));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> tree(String text, String file) {
        try {
            Map<String, Object> tree = new TomlMapper().readValue(text, Map.class);
            return tree == null ? Map.of() : tree;
        } catch (JacksonException e) {
            int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
            String what = String.valueOf(e.getOriginalMessage())
                    .lines()
                    .findFirst()
                    .orElse("")
                    .replaceFirst(" \\(start marker at \\[.*", "");
            throw new ExperimentException(
                    file + ": " + (line < 1 ? "" : "line " + line + ": ") + "no TOML: " + what, e);
        }
    }

    private Experiment experiment(Map<String, Object> tree) {
        tree.keySet().forEach(key -> mistakes.in(() -> requireTop(key)));
        Object title = tree.getOrDefault("title", "");
        if (!(title instanceof String)) {
            throw mistake("title", "title", "must be a text in quotes");
        }
        Map<String, String> shared = new LinkedHashMap<>();
        mistakes.in(() -> table(tree.get("run"), "run")
                .forEach((key, value) -> mistakes.in(() -> shared.put(key, text(value, "run." + key, key)))));
        Map<String, List<String>> grid = new LinkedHashMap<>();
        mistakes.in(() -> grid.putAll(lists(tree.get("grid"), "grid")));
        List<Map<String, List<String>>> zips = new ArrayList<>();
        mistakes.in(() -> zips.addAll(zips(tree.get("zip"))));
        mistakes.in(() -> seeds(tree.get(SEEDS)));
        mistakes.tell();
        Map<String, Integer> refine = refine(tree.get(REFINE), grid);
        List<Long> seeds = seeds(tree.get(SEEDS));
        Experiment.Costs costs = costs(tree.get(COSTS), seeds.size());
        Experiment experiment = new Experiment((String) title, seeds, shared, grid, zips, costs, refine, lines, file);
        once(experiment);
        return experiment;
    }

    private void requireTop(String key) {
        if (!TOP.contains(key)) {
            String more = known(key) ? ": it goes into [run], or with a list into [grid]" : Nearest.hint(key, TOP);
            throw mistake(key, key, "no such entry at the top" + more);
        }
    }

    private Map<String, Integer> refine(Object value, Map<String, List<String>> grid) {
        Map<String, Integer> refine = new LinkedHashMap<>();
        table(value, REFINE).forEach((key, times) -> {
            String at = REFINE + "." + key;
            if (!grid.containsKey(key)) {
                throw mistake(
                        at,
                        key,
                        "only an axis of [grid] can be refined" + Nearest.hint(key, List.copyOf(grid.keySet())));
            }
            if (!grid.get(key).stream().allMatch(text -> text.matches("-?\\d+(\\.\\d+)?"))) {
                throw mistake(at, key, "only an axis of plain numbers can be refined, not " + grid.get(key));
            }
            if (!(times instanceof Integer number) || number < 1 || number > MOST_HALVINGS) {
                throw mistake(at, key, "must be how often to halve, a whole number from 1 to " + MOST_HALVINGS);
            }
            refine.put(key, number);
        });
        return refine;
    }

    /** Null where costs are not drawn. */
    private Experiment.Costs costs(Object value, int seeds) {
        Map<String, Object> table = table(value, COSTS);
        if (value == null) {
            return null;
        }
        List<String> known = List.of(DRAWS, SEEDS);
        table.keySet().stream()
                .filter(key -> !known.contains(key))
                .forEach(key -> mistakes.in(() -> {
                    throw mistake(COSTS + "." + key, key, "no such entry of [costs]" + Nearest.hint(key, known));
                }));
        mistakes.tell();
        int few = Math.min(SEEDS_OF_DRAW, seeds);
        return new Experiment.Costs(
                whole(table.get(DRAWS), DRAWS, MOST_DRAWS), whole(table.getOrDefault(SEEDS, few), SEEDS, seeds));
    }

    private int whole(Object value, String key, int most) {
        if (value instanceof Integer number && number >= 1 && number <= most) {
            return number;
        }
        throw mistake(
                COSTS + "." + key,
                key,
                (value == null ? "is missing from [costs]: it" : plain(value) + " is not allowed:")
                        + " must be a whole number from 1 to " + most);
    }

    private static boolean known(String key) {
        return key.equals(Experiment.STRATEGY) || key.equals(Experiment.WORKLOAD) || Setting.of(key) != null;
    }

    private List<Long> seeds(Object value) {
        String text;
        if (value == null) {
            text = DEFAULT_SEEDS;
        } else if (value instanceof List<?> list) {
            text = String.join(",", list.stream().map(String::valueOf).toList());
        } else {
            text = String.valueOf(value);
        }
        try {
            return RunSpecs.seeds(text);
        } catch (UsageException e) {
            throw mistake(SEEDS, SEEDS, e.getMessage().replaceFirst("^seeds: ", ""));
        }
    }

    @SuppressWarnings("unchecked")
    private Map<String, Object> table(Object value, String path) {
        if (value == null) {
            return Map.of();
        }
        if (value instanceof Map<?, ?> map) {
            return (Map<String, Object>) map;
        }
        throw mistake(path, path, "must be a table: write [" + path + "] and below it one key = value a line");
    }

    private Map<String, List<String>> lists(Object value, String path) {
        Map<String, List<String>> lists = new LinkedHashMap<>();
        table(value, path)
                .forEach((key, values) -> mistakes.in(() -> {
                    String at = path + "." + key;
                    if (!(values instanceof List<?> list)) {
                        throw mistake(
                                at,
                                key,
                                "must be a list, as in " + key + " = [" + plain(values) + ", ...]; what does not"
                                        + " vary goes into [run]");
                    }
                    if (list.isEmpty()) {
                        throw mistake(at, key, "the list is empty: nothing would be run");
                    }
                    List<String> texts = new ArrayList<>();
                    for (Object item : list) {
                        String text = text(item, at, key);
                        if (path.equals("grid") && texts.contains(text)) {
                            throw mistake(at, key, text + " is named twice");
                        }
                        texts.add(text);
                    }
                    lists.put(key, texts);
                }));
        return lists;
    }

    private List<Map<String, List<String>>> zips(Object value) {
        if (value == null) {
            return List.of();
        }
        if (!(value instanceof List<?> list) || list.stream().anyMatch(item -> !(item instanceof Map))) {
            throw mistake("zip", "zip", "must be written [[zip]], with lists of one length below it");
        }
        List<Map<String, List<String>>> zips = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            String path = "zip." + i;
            Map<String, List<String>> lists = lists(list.get(i), path);
            String first = null;
            for (String key : lists.keySet()) {
                if (first == null) {
                    first = key;
                } else if (lists.get(key).size() != lists.get(first).size()) {
                    throw mistake(
                            path + "." + key,
                            key,
                            "has " + lists.get(key).size() + " values and " + first + " has "
                                    + lists.get(first).size() + ": lists of a [[zip]] go together, one value each");
                }
            }
            if (first != null) {
                zips.add(lists);
            }
        }
        return zips;
    }

    /** A key in two places would be one value or the other, and nobody could tell which. */
    private void once(Experiment experiment) {
        Map<String, String> seen = new LinkedHashMap<>();
        experiment.shared().keySet().forEach(key -> once(seen, key, "run." + key, "[run]"));
        if (experiment.costs() != null) {
            seen.put(RunSpec.COST_DRAW, "[costs]");
        }
        experiment.grid().keySet().forEach(key -> once(seen, key, "grid." + key, "[grid]"));
        for (int i = 0; i < experiment.zips().size(); i++) {
            String path = "zip." + i + ".";
            experiment.zips().get(i).keySet().forEach(key -> once(seen, key, path + key, "[[zip]]"));
        }
    }

    private void once(Map<String, String> seen, String key, String path, String where) {
        String before = seen.putIfAbsent(key, where);
        if (before != null) {
            throw mistake(path, key, "stands in " + before + " as well: say it once");
        }
    }

    /** A value as it would stand on a command line. */
    private String text(Object value, String path, String key) {
        if (value instanceof List || value instanceof Map) {
            throw mistake(
                    path,
                    key,
                    "must be one value, not " + (value instanceof List ? "a list" : "a table")
                            + (path.startsWith("run.") ? ": what varies goes into [grid]" : ""));
        }
        Setting setting = Setting.of(key);
        boolean name = key.equals(Experiment.STRATEGY) || key.equals(Experiment.WORKLOAD);
        Setting.Form form = setting == null ? name ? Setting.Form.TEXT : null : setting.form();
        if (form != null && !form.fits(value)) {
            throw mistake(path, key, plain(value) + " is not allowed: must be " + form.words());
        }
        if (form == null && !(value instanceof Number) && !(value instanceof String)) {
            throw mistake(path, key, plain(value) + " is not allowed: must be a number");
        }
        String text = value instanceof Number ? plain(value) : String.valueOf(value);
        if (setting != null) {
            try {
                setting.check(text);
            } catch (UsageException e) {
                throw mistake(path, key, Experiment.without(key, e.getMessage()));
            }
        }
        return text;
    }

    private static String plain(Object value) {
        if (value instanceof Double number && !Double.isFinite(number)) {
            return String.valueOf(number);
        }
        if (value instanceof Number) {
            BigDecimal number = new BigDecimal(value.toString()).stripTrailingZeros();
            return number.toPlainString();
        }
        return value instanceof String ? "\"" + value + "\"" : String.valueOf(value);
    }

    private ExperimentException mistake(String path, String key, String what) {
        return new ExperimentException(file + ": " + lines.of(path) + key + ": " + what);
    }
}
