package io.rseqlab.collector.conformance;

import io.rseqlab.collector.kernel.RseqPolicy;
import io.rseqlab.collector.live.ConformanceDriver;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Holds policies, model and kernel against each other, rule by rule. */
public final class Conformance {
    private static final Map<String, ModelProbe> MODEL = probes();

    private Conformance() {}

    private static Map<String, ModelProbe> probes() {
        Map<String, ModelProbe> probes = new HashMap<>();
        List.of(
                        RegistrationProbes.all(),
                        FieldProbes.all(),
                        SectionProbes.all(),
                        PointerProbes.all(),
                        FamilyProbes.all(),
                        SliceProbes.all())
                .forEach(probes::putAll);
        return Map.copyOf(probes);
    }

    /** What the model can be asked about, by the rules' names. */
    static Map<String, ModelProbe> modelProbes() {
        return MODEL;
    }

    /**
     * All rules under a policy.
     *
     * @param answers what the kernel of this machine did, by the rules' names; null if it was not asked
     */
    public static List<Row> rows(PolicyTable table, RseqPolicy policy, Map<String, ConformanceDriver.Answer> answers) {
        List<Row> rows = new ArrayList<>();
        for (Rule rule : table.rules()) {
            Observation model = MODEL.getOrDefault(rule.id(), ModelProbe.cannot("there is no probe of it"))
                    .observe(policy);
            rows.add(
                    new Row(rule, rule.says().get(policy.id()), model, answers == null ? null : kernel(answers, rule)));
        }
        return List.copyOf(rows);
    }

    private static Observation kernel(Map<String, ConformanceDriver.Answer> answers, Rule rule) {
        ConformanceDriver.Answer answer = answers.get(rule.id());
        return answer == null
                ? Observation.cannot("there is no probe of it")
                : new Observation(answer.outcome(), answer.note());
    }
}
