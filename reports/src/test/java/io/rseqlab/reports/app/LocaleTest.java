package io.rseqlab.reports.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.analyzer.result.ResultJson;
import io.rseqlab.reports.page.HandMade;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who parses our numbers must not have to know where they were printed; who reads our tables has so many columns. */
class LocaleTest {
    private static final String SAMPLE = "../sample-traces/simulated-churn";
    private static final int COLUMNS = 120;

    @TempDir
    Path folder;

    static Stream<String> verbs() {
        return Stream.of(
                "--help",
                "list strategies",
                "list workloads",
                "list machines",
                "list kernels",
                "list metrics",
                "check " + SAMPLE,
                "view " + SAMPLE + " --limit 20",
                "view " + SAMPLE + " --format csv --limit 20",
                "view " + SAMPLE + " --format json --limit 20",
                "analyze " + SAMPLE,
                "analyze " + SAMPLE + " --format json",
                "analyze " + SAMPLE + " --format csv",
                "compare " + SAMPLE + " --baseline rseq-freelist",
                "compare " + SAMPLE + " --baseline rseq-freelist --format csv",
                "compare " + SAMPLE + " --baseline rseq-freelist --format json",
                "export perfetto " + SAMPLE,
                "export csv " + SAMPLE,
                "collect --strategy rseq-freelist:cap=1024 --workload churn:handoff=0.25 --duration 1.5us --dry-run");
    }

    @ParameterizedTest
    @MethodSource("verbs")
    void outputIsTheSameInEveryLocale(String line) {
        String root = in(Locale.ROOT, line);
        assertThat(root).isNotBlank();
        assertThat(in(Locale.GERMANY, line)).isEqualTo(root);
        assertThat(in(Locale.forLanguageTag("ar-EG-u-nu-arab"), line)).isEqualTo(root);
    }

    @Test
    void thePageIsTheSameInEveryLocale() throws Exception {
        Path result = Files.writeString(folder.resolve("result.json"), ResultJson.write(HandMade.small()));
        Path out = folder.resolve("page");
        String line = "report " + result + " --title t --out " + out;
        in(Locale.ROOT, line);
        String root = Files.readString(out.resolve("index.html"));
        Files.move(out, folder.resolve("first"));
        in(Locale.GERMANY, line);
        assertThat(Files.readString(out.resolve("index.html"))).isEqualTo(root);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--help",
                "collect --help",
                "compare --help",
                "export --help",
                "list strategies",
                "list workloads",
                "list machines",
                "list kernels",
                "list metrics",
                "view " + SAMPLE + " --kind abort",
                "compare " + SAMPLE + " --baseline rseq-freelist"
            })
    void tablesFitTheScreen(String line) {
        assertThat(in(Locale.ROOT, line).lines().filter(text -> !text.matches("(Note|Intervals).*")))
                .allMatch(text -> text.codePointCount(0, text.length()) <= COLUMNS);
    }

    private static String in(Locale locale, String line) {
        Locale before = Locale.getDefault();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            Locale.setDefault(locale);
            Main.run(
                    new PrintStream(out, true, StandardCharsets.UTF_8),
                    new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                    line.split(" "));
        } finally {
            Locale.setDefault(before);
        }
        return out.toString(StandardCharsets.UTF_8);
    }
}
