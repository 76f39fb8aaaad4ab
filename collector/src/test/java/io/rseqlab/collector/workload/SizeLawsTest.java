package io.rseqlab.collector.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.rseqlab.collector.spec.Settings;
import io.rseqlab.trace.TraceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The distributions that workloads declare, in closed form. */
class SizeLawsTest {
    /** .262 of the visits go to the slots that are visited most, .393 to the next, and so on to .00006. */
    @Test
    void visitsOfAllocTestFollowAParetoLaw() {
        double[] published = {.262, .393, .246, .082, .0154, .0015, .00006};
        for (int level = 0; level < published.length; level++) {
            assertThat(ParetoSlots.visits(level)).isCloseTo(published[level], within(5e-4));
            assertThat(ParetoSlots.share(level)).isCloseTo(ParetoSlots.visits(6 - level), within(1e-12));
        }
    }

    /** Density (most - s) has its mean a third of the way up, and a quarter of all above the middle. */
    @Test
    void sizesOfRptestFallInAStraightLine() {
        Settings settings = Settings.parse("rptest", new Rptest().parameters());
        int[] sizes =
                IntStream.range(0, 1024).map(i -> Rptest.bytes(settings, i)).toArray();
        assertThat(IntStream.of(sizes).average().orElseThrow()).isCloseTo(8 + 15_992 / 3.0, within(10.0));
        assertThat(IntStream.of(sizes).filter(size -> size > 8004).count() / 1024.0)
                .isCloseTo(0.25, within(0.002));
    }

    @TempDir
    private Path folder;

    private String file(String text) throws IOException {
        return Files.writeString(folder.resolve("sizes.csv"), text).toString();
    }

    @Test
    void aTablesRatesAndLiveObjectsAreSharedOut() throws IOException {
        SizeTable table = SizeTable.read(file("# bytes, rate, live\n16, 3, 100\n\n4000, 1, 300\n8, 0, 5\n"));
        assertThat(table.rows()).hasSize(2);
        assertThat(IntStream.of(table.quantiles(4096)).filter(row -> row == 0)).hasSize(3072);
        assertThat(table.slots(80)).containsExactly(20, 60);
        assertThat(table.slots(1)).containsExactly(1, 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "16, 1", "16, x, 3", "-16, 1, 1", "16, NaN, 1", "16, 0, 1"})
    void whatIsNoTableIsRefusedWithItsPlace(String text) throws IOException {
        String name = file(text);
        assertThatThrownBy(() -> SizeTable.read(name))
                .isInstanceOf(TraceException.class)
                .hasMessageContaining("sizes.csv");
    }

    private static double mean(String law) {
        Generator generator = new Generator();
        Settings settings = Settings.parse("generator:least=100,most=900,law=" + law, generator.parameters());
        return IntStream.of(GeneratorSizes.quantiles(settings, SizeTable.OWN))
                .average()
                .orElseThrow();
    }

    /** In closed form: the middle; the largest; a third of the way up; ab / (b - a) ln(b / a); of a list its mean. */
    @Test
    void sizesOfTheGeneratorFollowTheirLaw() {
        assertThat(mean("uniform")).isCloseTo(500, within(1.0));
        assertThat(mean("fixed")).isEqualTo(900);
        assertThat(mean("linear")).isCloseTo(100 + 800 / 3.0, within(1.0));
        assertThat(mean("power")).isCloseTo(112.5 * Math.log(9), within(1.0));
        assertThat(mean("list,list=100/200/600")).isCloseTo(300, within(1.0));
        // rates of 1 / bytes for 16, 32, ... 32768: a mean of 12 bytes x 12 / 2 less what is cut off at 900
        assertThat(mean("table")).isBetween(60.0, 200.0);
    }
}
