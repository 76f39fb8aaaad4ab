package io.rseqlab.collector.conformance;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Registration: what a program is told by rseq(2), and what it finds in its area. */
final class RegistrationProbes {
    private static final List<String> RULES = List.of(
            "feature-size",
            "area-alignment",
            "register",
            "register-again",
            "register-again-signature",
            "register-again-address",
            "register-again-length",
            "register-again-both",
            "register-again-flag",
            "register-unknown-flag",
            "register-misaligned",
            "register-length-28",
            "register-length-31",
            "register-length-33",
            "register-length-33-at-32",
            "register-length-33-at-16",
            "register-null",
            "register-unmapped",
            "register-kernel-address",
            "register-misaligned-kernel",
            "register-clears-rseq-cs",
            "register-writes-ids",
            "unregister",
            "unregister-fields",
            "unregister-not-registered",
            "unregister-twice",
            "unregister-address",
            "unregister-length",
            "unregister-signature",
            "unregister-other-flag",
            "register-after-unregister");

    private RegistrationProbes() {}

    static Map<String, ModelProbe> all() {
        Map<String, ModelProbe> probes = new HashMap<>();
        for (String rule : RULES) {
            probes.put(rule, ModelProbe.cannot("the model has no rseq(2) yet"));
        }
        return probes;
    }
}
