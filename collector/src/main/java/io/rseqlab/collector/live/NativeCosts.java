package io.rseqlab.collector.live;

import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What one round of the native driver's probes says this machine costs.
 *
 * @param tscHz frequency of the time stamp counter
 * @param clockHz frequency of the core while it was measured, 0 if it was not
 * @param samples costs by the driver's names, see the native README
 * @param numbers plain numbers among them
 */
record NativeCosts(double tscHz, double clockHz, Map<String, CostSample> samples, Map<String, Double> numbers) {
    private static final int FORMAT = 1;
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    NativeCosts {
        samples = Map.copyOf(samples);
        numbers = Map.copyOf(numbers);
    }

    /**
     * Reads the driver's line.
     *
     * @throws NativeException if it is none, or of another version
     */
    static NativeCosts parse(String json) {
        try {
            JsonNode tree = MAPPER.readTree(json);
            if (tree.path("format").asInt(0) != FORMAT) {
                throw new NativeException("the native driver answers in another format than version " + FORMAT);
            }
            Map<String, CostSample> samples = new LinkedHashMap<>();
            Map<String, Double> numbers = new LinkedHashMap<>();
            tree.required("costs").properties().forEach(entry -> {
                JsonNode cost = entry.getValue();
                if (cost.isNumber()) {
                    numbers.put(entry.getKey(), cost.asDouble());
                } else if (cost.isObject()) {
                    samples.put(entry.getKey(), sample(cost));
                }
            });
            return new NativeCosts(
                    tree.required("tsc_hz").asDouble(), tree.path("clock_hz").asDouble(0), samples, numbers);
        } catch (JacksonException e) {
            throw new NativeException("the native driver's answer cannot be read: " + e.getOriginalMessage(), e);
        }
    }

    private static CostSample sample(JsonNode cost) {
        return new CostSample(
                cost.required("unit").asString(),
                cost.required("p5").asDouble(),
                cost.required("p50").asDouble(),
                cost.required("p95").asDouble());
    }

    /** This round with what another probe of it found. */
    NativeCosts and(NativeCosts more) {
        Map<String, CostSample> allSamples = new LinkedHashMap<>(samples);
        Map<String, Double> allNumbers = new LinkedHashMap<>(numbers);
        allSamples.putAll(more.samples);
        allNumbers.putAll(more.numbers);
        return new NativeCosts(tscHz, clockHz, allSamples, allNumbers);
    }

    /** A cost by name, null if it was not measured. */
    CostSample get(String name) {
        return samples.get(name);
    }

    /** What a cost takes beyond another that is a part of it, null if either was not measured. */
    CostSample beyond(String whole, String part) {
        CostSample all = samples.get(whole);
        CostSample some = samples.get(part);
        return all == null || some == null ? null : all.less(some);
    }

    /** The same in core cycles. */
    CostSample cyclesBeyond(String whole, String part) {
        CostSample rest = beyond(whole, part);
        return rest == null ? null : rest.times(coreCyclesPerTsc(), "cycle");
    }

    /** Core cycles per cycle of the time stamp counter. */
    double coreCyclesPerTsc() {
        return clockHz / tscHz;
    }

    /** A cost in core cycles, null if it was not measured. */
    CostSample cycles(String name) {
        CostSample sample = samples.get(name);
        return sample == null ? null : sample.times(coreCyclesPerTsc(), "cycle");
    }
}
