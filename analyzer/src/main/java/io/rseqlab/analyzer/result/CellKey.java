package io.rseqlab.analyzer.result;

import java.util.ArrayList;
import java.util.List;

/**
 * Where strategies meet: one combination of everything but strategy and seed.
 *
 * @param workload the workload with its parameters
 * @param machine name of the machine profile
 * @param kernel name of the kernel policy
 * @param cpus number of CPUs
 * @param threads number of threads under test
 * @param inject the injected fault, null for none
 * @param variant what else sets its runs apart from other runs of the same coordinates, such as their duration; else
 *     null
 */
public record CellKey(
        String workload, String machine, String kernel, Integer cpus, Integer threads, String inject, String variant) {

    /** The key in words, for headings. */
    public String label() {
        List<String> words = new ArrayList<>(List.of(String.valueOf(workload)));
        if (threads != null) {
            words.add(threads + (threads == 1 ? " thread" : " threads"));
        }
        if (cpus != null) {
            words.add("on " + cpus + (cpus == 1 ? " CPU" : " CPUs"));
        }
        String place = machine == null ? "" : ", " + machine;
        place += kernel == null ? "" : ", " + kernel;
        place += inject == null ? "" : ", inject " + inject;
        place += variant == null ? "" : ", " + variant;
        return String.join(" ", words) + place;
    }
}
