package io.rseqlab.reports.app;

import io.rseqlab.collector.machine.MachineProfile;
import io.rseqlab.collector.published.BurstBenchmark;
import io.rseqlab.collector.published.LoopBenchmark;
import io.rseqlab.collector.published.LoopProgram;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.dataformat.toml.TomlMapper;

/** Figures that others published, from the resource {@code published.toml}, with what predicts them. */
final class PublishedFigures {
    private static final String RESOURCE = "published.toml";
    private static final long SEED = 1;

    private PublishedFigures() {}

    /**
     * Figures that belong together; what the others are divided by is the first, unless they say otherwise.
     *
     * @param differences only what the others take more or less than the first is predicted
     */
    record Table(String name, String publication, String machine, boolean differences, List<Figure> figures) {}

    /**
     * One figure.
     *
     * @param of what was measured
     * @param ns published nanoseconds of one operation
     * @param run what predicts it
     * @param over what it is divided by: the index of a figure before it in its table; 0 for the table's first, whose
     *     own ratio is 1
     * @param explanation why its ratio is far off, empty for none
     */
    record Figure(String of, double ns, Prediction run, int over, String explanation) {}

    /** Nanoseconds of one operation on the model of a machine. */
    interface Prediction {
        double ns(MachineProfile profile);
    }

    /** All tables, in the order of the resource. */
    static List<Table> all() {
        try (InputStream in = PublishedFigures.class.getResourceAsStream(RESOURCE)) {
            List<Table> tables = new ArrayList<>();
            for (Object table :
                    (List<?>) new TomlMapper().readValue(in, Map.class).get("table")) {
                tables.add(table((Map<?, ?>) table));
            }
            return List.copyOf(tables);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Table table(Map<?, ?> table) {
        List<Figure> figures = new ArrayList<>();
        for (Object figure : (List<?>) table.get("figure")) {
            figures.add(figure((Map<?, ?>) figure, figures));
        }
        return new Table(
                (String) table.get("name"),
                (String) table.get("publication"),
                (String) table.get("machine"),
                Boolean.TRUE.equals(table.get("differences")),
                List.copyOf(figures));
    }

    private static Figure figure(Map<?, ?> figure, List<Figure> before) {
        Object explanation = figure.get("explanation");
        return new Figure(
                (String) figure.get("of"),
                ((Number) figure.get("ns")).doubleValue(),
                prediction(figure),
                figure.get("over") instanceof String name ? indexOf(name, before) : 0,
                explanation == null ? "" : ((String) explanation).strip().replace('\n', ' '));
    }

    private static int indexOf(String name, List<Figure> figures) {
        for (int i = 0; i < figures.size(); i++) {
            if (figures.get(i).of().equals(name)) {
                return i;
            }
        }
        throw new IllegalArgumentException(RESOURCE + ": no figure before is called '" + name + "'");
    }

    private static Prediction prediction(Map<?, ?> figure) {
        if (figure.get("strategy") instanceof String strategy) {
            String workload = (String) figure.get("workload");
            int threads = ((Number) figure.get("threads")).intValue();
            return profile -> StrategyBenchmark.nsPerPair(profile, strategy, workload, threads, SEED);
        }
        List<Integer> cpus = cpus((String) figure.get("cpus"));
        if (figure.get("loop") instanceof String loop) {
            LoopProgram program = LoopProgram.valueOf(loop);
            return profile -> LoopBenchmark.nsPerOperation(profile, program, cpus, SEED);
        }
        BurstBenchmark.Index index = BurstBenchmark.Index.valueOf((String) figure.get("burst"));
        double pauseSeconds = ((Number) figure.get("pause_ms")).doubleValue() / 1000;
        return profile ->
                BurstBenchmark.run(profile, cpus, index, pauseSeconds, SEED).ns();
    }

    /** Reads {@code 0,8}, {@code 0..383} or {@code 0..368/16}. */
    static List<Integer> cpus(String text) {
        List<Integer> cpus = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            String[] range = part.split("\\.\\.|/", -1);
            int first = Integer.parseInt(range[0]);
            int last = range.length > 1 ? Integer.parseInt(range[1]) : first;
            int step = range.length > 2 ? Integer.parseInt(range[2]) : 1;
            for (int cpu = first; cpu <= last; cpu += step) {
                cpus.add(cpu);
            }
        }
        return List.copyOf(cpus);
    }
}
