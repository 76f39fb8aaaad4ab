package io.rseqlab.collector.sweep;

import io.rseqlab.collector.run.RunRequest;
import io.rseqlab.collector.run.RunSpec;
import io.rseqlab.collector.run.RunSpecs;
import io.rseqlab.collector.spec.Nearest;
import io.rseqlab.collector.spec.Parameter;
import io.rseqlab.collector.spec.Settings;
import io.rseqlab.collector.spec.UsageException;
import io.rseqlab.collector.strategy.Strategies;
import io.rseqlab.collector.workload.Workloads;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Makes the plan of an experiment: combines its lists, gives each value to what it is a setting of, and looks at every
 * point before anything runs. A parameter goes to those strategies and workloads that declare it; points that differ
 * only in parameters which theirs do not have are one point.
 */
final class Planner {
    /** More runs would take longer to plan than anybody waits, and were hardly meant. */
    static final int MOST_RUNS = 1_000_000;

    private static final String DEFAULT_WORKLOAD = "churn";

    private final Experiment experiment;

    private Planner(Experiment experiment) {
        this.experiment = experiment;
    }

    /**
     * Plans.
     *
     * @throws ExperimentException naming the line, the key and what is allowed
     */
    static Plan plan(Experiment experiment) {
        return new Planner(experiment).plan();
    }

    private Plan plan() {
        if (experiment.pathOf(Experiment.STRATEGY) == null) {
            throw new ExperimentException(experiment.file() + ": no strategy: write strategy = [\"rseq-freelist\", ...]"
                    + " in [grid]; see rseqlab list strategies");
        }
        Mistakes mistakes = new Mistakes();
        for (String key : List.of(Experiment.STRATEGY, Experiment.WORKLOAD)) {
            values(key).forEach(text -> mistakes.in(() -> named(key, text)));
        }
        mistakes.tell();
        keys().forEach(key -> mistakes.in(() -> requireKnown(key)));
        mistakes.tell();
        Map<String, Point> bySpec = new LinkedHashMap<>();
        List<Map<String, String>> combinations = combinations();
        if (experiment.costs() == null) {
            return new Plan(
                    experiment.title(), axes(), points(combinations, bySpec), experiment.seeds(), List.of(), List.of());
        }
        List<Point> points = points(with(combinations, 0), bySpec);
        List<Point> drawn = new ArrayList<>();
        for (int draw = 1; draw <= experiment.costs().draws(); draw++) {
            drawn.addAll(points(with(combinations, draw), bySpec));
        }
        return new Plan(
                experiment.title(),
                axes(),
                points,
                experiment.seeds(),
                drawn,
                experiment.seeds().subList(0, experiment.costs().seeds()));
    }

    /** The same with a draw of costs, 0 for none. */
    private static List<Map<String, String>> with(List<Map<String, String>> combinations, int draw) {
        return combined(combinations, Map.of(RunSpec.COST_DRAW, List.of(Integer.toString(draw))));
    }

    /** Resolved; each only once. */
    private List<Point> points(List<Map<String, String>> combinations, Map<String, Point> bySpec) {
        List<String> axes = axes();
        Map<Map<String, String>, Point> points = new LinkedHashMap<>();
        for (Map<String, String> values : combinations) {
            Map<String, String> coordinates = coordinates(axes, values);
            if (!points.containsKey(coordinates)) {
                Point point = new Point(coordinates, resolve(values, coordinates));
                Point same = bySpec.putIfAbsent(point.spec().command(), point);
                if (same != null) {
                    throw new ExperimentException(experiment.file() + ": two points are the same runs: " + same.words()
                            + " and " + point.words());
                }
                points.put(coordinates, point);
            }
        }
        return List.copyOf(points.values());
    }

    private List<String> axes() {
        Set<String> axes = new LinkedHashSet<>(List.of(Experiment.STRATEGY));
        axes.addAll(experiment.grid().keySet());
        experiment.zips().forEach(zip -> axes.addAll(zip.keySet()));
        if (experiment.costs() != null) {
            axes.add(RunSpec.COST_DRAW);
        }
        return List.copyOf(axes);
    }

    private Set<String> keys() {
        Set<String> keys = new LinkedHashSet<>(experiment.shared().keySet());
        keys.addAll(experiment.grid().keySet());
        experiment.zips().forEach(zip -> keys.addAll(zip.keySet()));
        return keys;
    }

    /** All values that a key has somewhere. */
    private List<String> values(String key) {
        if (experiment.grid().containsKey(key)) {
            return experiment.grid().get(key);
        }
        for (Map<String, List<String>> zip : experiment.zips()) {
            if (zip.containsKey(key)) {
                return zip.get(key);
            }
        }
        String shared = experiment.shared().get(key);
        return shared == null ? List.of() : List.of(shared);
    }

    // ---- names and parameters

    private void named(String key, String text) {
        try {
            Settings.parse(text, parameters(key, text));
        } catch (UsageException e) {
            throw experiment.mistake(key, e.getMessage());
        }
    }

    private static List<Parameter> parameters(String key, String text) {
        String name = Settings.nameOf(text);
        return key.equals(Experiment.STRATEGY)
                ? Strategies.byId(name).parameters()
                : Workloads.byId(name).parameters();
    }

    private static boolean declares(String key, String text, String parameter) {
        return parameters(key, text).stream()
                .anyMatch(declared -> declared.name().equals(parameter));
    }

    private List<String> workloads() {
        List<String> workloads = values(Experiment.WORKLOAD);
        return workloads.isEmpty() ? List.of(DEFAULT_WORKLOAD) : workloads;
    }

    private void requireKnown(String key) {
        if (Setting.of(key) != null || key.equals(Experiment.STRATEGY) || key.equals(Experiment.WORKLOAD)) {
            return;
        }
        boolean ofStrategy = values(Experiment.STRATEGY).stream().anyMatch(s -> declares(Experiment.STRATEGY, s, key));
        boolean ofWorkload = workloads().stream().anyMatch(w -> declares(Experiment.WORKLOAD, w, key));
        if (ofStrategy && ofWorkload) {
            throw experiment.mistake(
                    key,
                    "a parameter of strategy and workload both: write it with its name, as in" + " strategy = \"name:"
                            + key + "=1\"");
        }
        if (!ofStrategy && !ofWorkload) {
            Set<String> names = new TreeSet<>();
            values(Experiment.STRATEGY)
                    .forEach(s -> parameters(Experiment.STRATEGY, s).forEach(p -> names.add(p.name())));
            workloads().forEach(w -> parameters(Experiment.WORKLOAD, w).forEach(p -> names.add(p.name())));
            List<String> known = new ArrayList<>(List.of(Experiment.STRATEGY, Experiment.WORKLOAD));
            known.addAll(Setting.ids());
            known.addAll(names);
            throw experiment.mistake(
                    key,
                    "no setting, and no parameter of the strategies and workloads here" + Nearest.hint(key, known));
        }
    }

    // ---- combining

    private List<Map<String, String>> combinations() {
        Experiment.Costs costs = experiment.costs();
        long runs = experiment.seeds().size() + (costs == null ? 0 : costs.draws() * costs.seeds());
        for (List<String> list : experiment.grid().values()) {
            runs = Math.multiplyExact(runs, list.size());
            requireFew(runs);
        }
        List<Map<String, String>> combinations = List.of(experiment.shared());
        for (Map.Entry<String, List<String>> list : experiment.grid().entrySet()) {
            combinations = combined(combinations, Map.of(list.getKey(), list.getValue()));
        }
        for (Map<String, List<String>> zip : experiment.zips()) {
            runs = Math.multiplyExact(runs, zip.values().iterator().next().size());
            requireFew(runs);
            combinations = combined(combinations, zip);
        }
        return combinations;
    }

    private void requireFew(long runs) {
        if (runs > MOST_RUNS) {
            throw new ExperimentException(
                    experiment.file() + ": more than " + MOST_RUNS + " runs: shorter lists, or fewer seeds");
        }
    }

    private static List<Map<String, String>> combined(
            List<Map<String, String>> combinations, Map<String, List<String>> lists) {
        List<Map<String, String>> more = new ArrayList<>();
        int length = lists.values().iterator().next().size();
        for (Map<String, String> combination : combinations) {
            for (int i = 0; i < length; i++) {
                Map<String, String> next = new LinkedHashMap<>(combination);
                for (Map.Entry<String, List<String>> list : lists.entrySet()) {
                    next.put(list.getKey(), list.getValue().get(i));
                }
                more.add(next);
            }
        }
        return more;
    }

    private static Map<String, String> coordinates(List<String> axes, Map<String, String> values) {
        Map<String, String> coordinates = new LinkedHashMap<>();
        for (String axis : axes) {
            String value = values.get(axis);
            boolean parameter =
                    Setting.of(axis) == null && !axis.equals(Experiment.STRATEGY) && !axis.equals(Experiment.WORKLOAD);
            coordinates.put(axis, parameter && !belongs(axis, values) ? null : value);
        }
        return coordinates;
    }

    private static boolean belongs(String parameter, Map<String, String> values) {
        return declares(Experiment.STRATEGY, values.get(Experiment.STRATEGY), parameter)
                || declares(Experiment.WORKLOAD, values.getOrDefault(Experiment.WORKLOAD, DEFAULT_WORKLOAD), parameter);
    }

    // ---- resolving

    private RunSpec resolve(Map<String, String> values, Map<String, String> coordinates) {
        long seed = experiment.seeds().get(0);
        try {
            return RunSpecs.resolve(request(values), seed);
        } catch (UsageException e) {
            String culprit = culprit(values, seed);
            if (culprit != null) {
                throw experiment.mistake(culprit, e.getMessage());
            }
            throw new ExperimentException(experiment.file() + ": in the point " + new Point(coordinates, null).words()
                    + ": " + e.getMessage());
        }
    }

    /** The key whose value cannot be meant whatever the others are; null where it takes several to be wrong. */
    private String culprit(Map<String, String> values, long seed) {
        for (String key : values.keySet()) {
            Map<String, String> alone = new LinkedHashMap<>();
            alone.put(Experiment.STRATEGY, values.get(Experiment.STRATEGY));
            if (values.containsKey(Experiment.WORKLOAD)) {
                alone.put(Experiment.WORKLOAD, values.get(Experiment.WORKLOAD));
            }
            alone.put(key, values.get(key));
            try {
                RunSpecs.resolve(request(alone), seed);
            } catch (UsageException e) {
                return key;
            }
        }
        return null;
    }

    private static RunRequest request(Map<String, String> values) {
        StringBuilder strategy = new StringBuilder(values.get(Experiment.STRATEGY));
        StringBuilder workload = new StringBuilder(values.getOrDefault(Experiment.WORKLOAD, DEFAULT_WORKLOAD));
        List<Setting> settings = new ArrayList<>();
        values.forEach((key, value) -> {
            Setting setting = Setting.of(key);
            if (setting != null) {
                settings.add(setting);
            } else if (!key.equals(Experiment.STRATEGY) && !key.equals(Experiment.WORKLOAD)) {
                boolean ofStrategy = declares(Experiment.STRATEGY, values.get(Experiment.STRATEGY), key);
                StringBuilder text = ofStrategy ? strategy : workload;
                if (ofStrategy || declares(Experiment.WORKLOAD, workload.toString(), key)) {
                    text.append(text.indexOf(":") < 0 ? ':' : ',')
                            .append(key)
                            .append('=')
                            .append(value);
                }
            }
        });
        RunRequest request = RunRequest.of(strategy.toString(), workload.toString());
        for (Setting setting : settings) {
            request = setting.apply(request, values.get(setting.id()));
        }
        return request;
    }
}
