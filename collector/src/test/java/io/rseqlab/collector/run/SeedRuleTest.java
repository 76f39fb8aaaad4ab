package io.rseqlab.collector.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rseqlab.collector.spec.UsageException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** When seeds are enough: not at the first lucky look, and not never. */
class SeedRuleTest {
    private RatioOfRuns.Ratio ratio;

    private final SeedRule rule = new SeedRule(0.02, 40, (candidate, baseline) -> ratio);

    private static List<List<Path>> runs(int strategies) {
        return Collections.nCopies(strategies, List.of(Path.of("a")));
    }

    private static RatioOfRuns.Ratio reaching(double share) {
        return new RatioOfRuns.Ratio(2, 2 / (1 + share / 2), 2 * (1 + share));
    }

    @Test
    void oneNarrowLookIsNotEnoughAndTwoInARowAre() {
        SeedRule.Watch watch = rule.new Watch();
        for (double[] look : new double[][] {{0.03, 0}, {0.019, 0}, {0.021, 0}, {0.019, 0}, {0.019, 1}}) {
            ratio = reaching(look[0]);
            assertThat(watch.enough(runs(2))).isEqualTo(look[1] == 1);
        }
        assertThat(watch.narrow()).isTrue();
    }

    @Test
    void halfOfWhatWasAskedForIsEnoughAtOnce() {
        ratio = reaching(0.0099);
        assertThat(rule.new Watch().enough(runs(3))).isTrue();
    }

    /** The reach is that of the farther end: from 2 down to 1.96 is as far as from 1.96 up to 2. */
    @Test
    void bothEndsCount() {
        ratio = new RatioOfRuns.Ratio(2, 1.9, 2.001);
        SeedRule.Watch watch = rule.new Watch();
        watch.enough(runs(2));
        assertThat(watch.narrow()).isFalse();
        assertThat(watch.reach()).isBetween(0.0526, 0.0527);
    }

    @Test
    void tooFewSeedsForAnIntervalAreNotEnoughAndNoRatioIsGivenUp() {
        ratio = new RatioOfRuns.Ratio(2, Double.NaN, Double.NaN);
        SeedRule.Watch watch = rule.new Watch();
        assertThat(watch.enough(runs(2))).isFalse();
        assertThat(watch.enough(runs(2))).isFalse();
        ratio = null;
        assertThat(watch.enough(runs(2))).isTrue();
        assertThat(watch.narrow()).isFalse();
    }

    @Test
    void seedsGrowByAQuarterUpToTheMost() {
        assertThat(rule.next(1)).isEqualTo(2);
        assertThat(rule.next(10)).isEqualTo(13);
        assertThat(rule.next(33)).isEqualTo(40);
        assertThat(rule.next(40)).isEqualTo(40);
        assertThat(rule.next(50)).isEqualTo(50);
    }

    @Test
    void aPrecisionIsAShare() {
        assertThat(SeedRule.parse("2%")).isEqualTo(0.02);
        assertThat(SeedRule.parse("0.5")).isEqualTo(0.5);
        for (String wrong : List.of("0", "1", "-2%", "much", "%", "NaN")) {
            assertThatThrownBy(() -> SeedRule.parse(wrong))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("as 0.02 or 2%, not '" + wrong + "'");
        }
    }
}
