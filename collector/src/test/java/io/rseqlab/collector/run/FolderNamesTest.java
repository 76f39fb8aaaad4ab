package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A folder's name says what is in it, and a file system takes it. */
class FolderNamesTest {
    @Test
    void whatFitsStaysAsItIs() {
        String longest = "x".repeat(FolderNames.MOST_CHARACTERS);
        assertThat(FolderNames.shortened(longest)).isEqualTo(longest);
        assertThat(FolderNames.shortened("strategy=rseq-freelist%3Acap%3D256"))
                .isEqualTo("strategy=rseq-freelist%3Acap%3D256");
    }

    @Test
    void whatDoesNotFitKeepsItsBeginningAndItsDifferences() {
        String name = "strategy=tcmalloc-percpu%3A" + "budget%3D65536%2C".repeat(40);
        String one = FolderNames.shortened(name + "batch%3D1");
        String other = FolderNames.shortened(name + "batch%3D2");
        assertThat(one)
                .hasSizeLessThanOrEqualTo(FolderNames.MOST_CHARACTERS)
                .startsWith("strategy=tcmalloc-percpu%3Abudget%3D65536%2C")
                .matches(".*-[0-9a-f]{12}")
                .isNotEqualTo(other)
                .isEqualTo(FolderNames.shortened(name + "batch%3D1"));
    }

    /** A reader of partitions decodes %XX, and would stumble over half of one. */
    @Test
    void noEncodedCharacterIsCutInTwo() {
        Set<Integer> lengths = new HashSet<>();
        for (int shift = 0; shift < 3; shift++) {
            String name = FolderNames.shortened("k=" + "a".repeat(shift) + "%3D".repeat(100));
            assertThat(name).matches("k=a*(%3D)*-[0-9a-f]{12}");
            lengths.add(name.length());
        }
        assertThat(lengths).hasSizeGreaterThan(1);
    }
}
