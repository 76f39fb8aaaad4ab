package io.rseqlab.reports.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rseqlab.collector.spec.UsageException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;

/** A user's own points are all combinations, with the settings that both sides know, and nothing else is let in. */
class OwnPointsTest {
    @Command
    static final class Holder {
        @ArgGroup(exclusive = false)
        OwnPoints own;
    }

    @Test
    void everyCombinationIsAPoint() {
        List<ValidationPoint> points = points(
                "--strategy=percpu-cas,rseq-freelist",
                "--workload=churn:think=50,pad=20,handoff=0.25,signal_hz=100",
                "--workload=producer-consumer",
                "--threads=2,6");
        assertThat(points).hasSize(8);
        assertThat(points.get(0)).isEqualTo(new ValidationPoint("percpu-cas", "churn", 50, 20, 0.25, 100, 2, false, 0));
        assertThat(points.get(7)).isEqualTo(ValidationPoint.producerConsumer("rseq-freelist", 6));
        assertThat(points.get(0).workloadText()).isEqualTo("churn:think=50,pad=20,handoff=0.25,signal_hz=100");
    }

    @Test
    void whatBecameOfInterruptionsIsAskedWhereThereAreSectionsAndNothingIsShared() {
        assertThat(points("--strategy=rseq-freelist,percpu-lock"))
                .containsExactly(
                        ValidationPoint.churn("rseq-freelist", 2).aborts(), ValidationPoint.churn("percpu-lock", 2));
    }

    @ParameterizedTest
    @CsvSource({
        "--strategy=snmalloc, the native driver has no",
        "--strategy=percpu-lok, did you mean",
        "--workload=larson, producer-consumer",
        "--workload=churn:size=64, has no parameter",
        "--workload=churn:handoff=2, is not allowed",
        "--workload=producer-consumer:think=5, has no parameter",
        "--threads=0, is not from 1 to 1024"
    })
    void whatTheDriverDoesNotHaveIsNamed(String option, String said) {
        String[] options = option.startsWith("--strategy")
                ? new String[] {option}
                : new String[] {"--strategy=percpu-lock", option};
        assertThatThrownBy(() -> points(options))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining(said);
    }

    @Test
    void itsPageSaysHowToRunItAgain() {
        assertThat(parsed("--strategy=percpu-lock,percpu-cas", "--threads=2,4").arguments())
                .isEqualTo("--strategy percpu-lock,percpu-cas --workload churn --threads 2,4");
    }

    @Test
    void itsHelpNamesAllStrategiesThatTheDriverHas() {
        String help = String.join(
                "",
                new CommandLine(new Holder())
                        .getCommandSpec()
                        .findOption("--strategy")
                        .description());
        assertThat(help).contains(ValidationGrid.NATIVE);
    }

    private static List<ValidationPoint> points(String... options) {
        return parsed(options).points();
    }

    private static OwnPoints parsed(String... options) {
        Holder holder = new Holder();
        new CommandLine(holder).parseArgs(options);
        return holder.own;
    }
}
