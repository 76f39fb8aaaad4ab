package io.rseqlab.collector.conformance;

import java.util.Map;

/**
 * A rule of the interface: something happens, and the kernel does one thing about it.
 *
 * @param id its name, for people and for the native probes
 * @param group the group it belongs to, see {@link Group}
 * @param what what happens, in a few words
 * @param source where the outcomes are from
 * @param says what each policy says comes of it, by the policy's name; no entry where its sources do not say
 */
public record Rule(String id, Group group, String what, String source, Map<String, String> says) {
    /**
     * Rules that belong together.
     *
     * @param id its name
     * @param title its heading
     */
    public record Group(String id, String title) {}

    public Rule {
        says = Map.copyOf(says);
    }
}
