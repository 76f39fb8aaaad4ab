package io.rseqlab.collector.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What is suggested can be typed. */
class HintTest {
    @Test
    void aFileThatLooksLikeAnOptionIsNamedByItsPlace() {
        assertThat(Hint.next("advise", Path.of("-y.malloc"))).isEqualTo("Next: rseqlab advise ./-y.malloc");
        assertThat(Hint.next("compare", Path.of("a b"), "--baseline", "hoard"))
                .isEqualTo("Next: rseqlab compare 'a b' --baseline hoard");
    }
}
