package io.rseqlab.reports.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The table fits a screen, says the same as its JSON, and a rule that cannot be shown is there with its reason. */
class ConformanceCommandTest {
    private static final int COLUMNS = 120;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(String... args) {
        out.reset();
        err.reset();
        return Main.run(printer(out), printer(err), args);
    }

    private static PrintStream printer(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }

    private String said() {
        return out.toString(StandardCharsets.UTF_8);
    }

    /** The page as a reader sees it; a change of it is looked at by a person, who then replaces the file. */
    @Test
    void theTableIsTheGoldenOne() throws IOException {
        assertThat(run("conformance", "--kernel", "linux-6.18")).isZero();
        assertThat(err.size()).isZero();
        Path golden = Path.of("src", "test", "resources", "conformance-linux-6.18.txt");
        assertThat(said()).isEqualTo(Files.readString(golden));
    }

    @ParameterizedTest
    @ValueSource(strings = {"linux-6.18", "none", "all"})
    void noLineIsWiderThanTheScreen(String kernel) {
        assertThat(run("conformance", "--kernel", kernel)).isZero();
        assertThat(said().lines()).allMatch(line -> line.length() <= COLUMNS);
    }

    @Test
    void jsonHasEveryRuleWithItsSourceAndAReasonForEveryGap() {
        assertThat(run("conformance", "--format", "json")).isZero();
        JsonNode document = JsonMapper.shared().readTree(said());
        List<JsonNode> rows = document.get("rows").valueStream().toList();
        assertThat(rows).hasSize(document.get("rules").asInt()).hasSizeGreaterThan(80);
        int shown = document.get("same").asInt() + document.get("differ").asInt();
        assertThat(shown + document.get("not_shown").asInt()).isEqualTo(rows.size());
        for (JsonNode row : rows) {
            assertThat(row.get("source").asString()).isNotBlank();
            assertThat(row.get("kernel")).as("not asked").isNull();
            boolean gap = row.get("policy").isNull()
                    || row.get("model").get("outcome").isNull();
            assertThat(row.get("not_shown").size() > 0).isEqualTo(gap);
        }
    }

    @Test
    void aKernelNobodyKnowsIsNamed() {
        assertThat(run("conformance", "--kernel", "linux-6.81")).isEqualTo(ExitCodes.USAGE);
        assertThat(out.size()).isZero();
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("linux-6.81").contains("linux-6.18");
    }
}
