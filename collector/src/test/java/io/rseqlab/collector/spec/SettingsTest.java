package io.rseqlab.collector.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {
    private static final List<Parameter> PARAMETERS = List.of(
            Parameter.count("live", "objects", 16, 1, 1000, "live objects"),
            Parameter.share("handoff", 0, "probability of a hand-off"));

    @Test
    void whatIsNotGivenHasItsDefault() {
        Settings settings = Settings.parse("churn", PARAMETERS);
        assertThat(settings.name()).isEqualTo("churn");
        assertThat(settings.count("live")).isEqualTo(16);
        assertThat(settings.number("handoff")).isZero();
    }

    @Test
    void spellsOutEveryValueInDeclaredOrder() {
        Settings settings = Settings.parse("churn:handoff=0.5,live=1_000", PARAMETERS);
        assertThat(settings).hasToString("churn:live=1000,handoff=0.5");
        assertThat(Settings.parse(settings.toString(), PARAMETERS)).hasToString(settings.toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "churn:liv=3 | no parameter 'liv'; did you mean 'live'?",
                "churn:live | 'live' in 'churn:live' is not key=value",
                "churn:live=3, | '' in 'churn:live=3,' is not key=value",
                "churn:live=many | live=many is not a number",
                "churn:live=2.5 | a whole number from 1 to 1000 objects",
                "churn:live=0 | a whole number from 1 to 1000 objects",
                "churn:handoff=1.01 | from 0 to 1",
                "churn:handoff=NaN | from 0 to 1",
            })
    void aWrongRequestIsAnsweredWithWhatIsRight(String text, String answer) {
        assertThatThrownBy(() -> Settings.parse(text, PARAMETERS))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining(answer);
    }

    @Test
    void aTextIsTakenAsItIsAndCanBePutInTheWordsOfAnother() {
        List<Parameter> parameters = List.of(Parameter.text("file", "FILE", "what to read"), PARAMETERS.get(0));
        Settings settings = Settings.parse("x:file=a/b=c.d", parameters);
        assertThat(settings.text("file")).isEqualTo("a/b=c.d");
        assertThat(settings.withText("file", "sum").toString()).startsWith("x:file=sum,");
        assertThat(Settings.parse("x", parameters).text("file")).isEmpty();
    }

    @Test
    void theNearestNameIsFound() {
        assertThat(Nearest.hint("churm", List.of("churn", "producer-consumer"))).contains("did you mean 'churn'?");
        assertThat(Nearest.hint("xyzzy-and-more", List.of("churn")))
                .doesNotContain("did you mean")
                .contains("churn");
        assertThat(Nearest.distance("kitten", "sitting")).isEqualTo(3);
    }

    @Test
    void aNameIsKnownByItsBeginningOrAPartOfIt() {
        List<String> names = List.of("throughput_ops_per_s", "rseq-freelist", "percpu-lock", "linux-6.18");
        assertThat(Nearest.of("thruput", names)).isEqualTo("throughput_ops_per_s");
        assertThat(Nearest.of("freelist", names)).isEqualTo("rseq-freelist");
        assertThat(Nearest.of("Linux", names)).isEqualTo("linux-6.18");
        assertThat(Nearest.of("x", names)).isNull();
        assertThat(Nearest.of("snmalloc", names)).isNull();
    }
}
