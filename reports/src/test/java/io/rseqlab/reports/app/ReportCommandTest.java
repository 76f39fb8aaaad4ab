package io.rseqlab.reports.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.rseqlab.analyzer.result.AnalysisDocument;
import io.rseqlab.analyzer.result.ResultJson;
import io.rseqlab.reports.page.HandMade;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is asked of report is either a whole page or one line that says why not; never half a page. */
class ReportCommandTest {
    @TempDir
    Path folder;

    private Path comparison() throws Exception {
        return Files.writeString(folder.resolve("result.json"), ResultJson.write(HandMade.small()));
    }

    @Test
    void aResultBecomesAPageWhosePathIsPrinted() throws Exception {
        Path out = folder.resolve("page");
        Answer answer = run("report", comparison().toString(), "--out", out.toString());
        assertThat(answer.code()).as(answer.err()).isZero();
        assertThat(Path.of(answer.out().strip())).exists().isEqualTo(out.resolve("index.html"));
        assertThat(Files.readString(out.resolve("index.html")))
                .contains("rseqlab report " + folder.resolve("result.json") + " --out " + out + "</pre>");
        assertThat(out.resolve("charts")).isNotEmptyDirectory();
    }

    @Test
    void anAnalysisWithoutRunsIsAPageThatSaysSo() throws Exception {
        String json = ResultJson.write(new AnalysisDocument(List.of()));
        Path result = Files.writeString(folder.resolve("analysis.json"), json);
        Answer answer =
                run("report", result.toString(), "--out", folder.resolve("page").toString());
        assertThat(answer.code()).as(answer.err()).isZero();
        assertThat(Files.readString(folder.resolve("page").resolve("index.html")))
                .contains("There are no runs.");
    }

    @Test
    void whatIsThereIsNotWrittenOver() throws Exception {
        Files.createDirectories(folder.resolve("full"));
        Files.writeString(folder.resolve("full").resolve("mine.txt"), "mine");
        Answer answer = run(
                "report",
                comparison().toString(),
                "--out",
                folder.resolve("full").toString());
        assertThat(answer.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(answer.err()).contains("not empty").contains("--out");
        assertThat(folder.resolve("full").toFile().list()).containsExactly("mine.txt");
    }

    @Test
    void aFileCannotBeTheOutput() throws Exception {
        Path file = comparison();
        assertThat(run("report", file.toString(), "--out", file.toString()).err())
                .contains("is a file");
        Answer below =
                run("report", file.toString(), "--out", file.resolve("below").toString());
        assertThat(below.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(below.err()).contains("cannot write to");
    }

    @Test
    void whatIsNoResultIsRefusedAndNothingIsWritten() throws Exception {
        Path text = Files.writeString(folder.resolve("notes.txt"), "no json");
        Path future =
                Files.writeString(folder.resolve("future.json"), "{\"kind\":\"comparison\",\"format_version\":99}");
        for (Path bad : List.of(text, future, folder.resolve("missing"), folder)) {
            Answer answer = run(
                    "report", bad.toString(), "--out", folder.resolve("page").toString());
            assertThat(answer.code()).as(answer.err()).isEqualTo(ExitCodes.INVALID_INPUT);
            assertThat(answer.err().strip().lines()).hasSize(1);
            assertThat(answer.err()).contains(bad.toString());
            assertThat(folder.resolve("page")).doesNotExist();
        }
    }

    @Test
    void aFileThatIsNeitherTraceNorResultIsSaidToBeThat() throws Exception {
        Path binary = Files.write(folder.resolve("one.parquet"), new byte[] {'P', 'A', 'R', '1', (byte) 0xff, 0});
        Path text = Files.writeString(folder.resolve("notes.txt"), "no json");
        for (Path bad : List.of(binary, text)) {
            Answer answer = run(
                    "report", bad.toString(), "--out", folder.resolve("page").toString());
            assertThat(answer.code()).isEqualTo(ExitCodes.INVALID_INPUT);
            assertThat(answer.err()).contains("'" + bad + "' is neither a trace nor a result: a trace is a folder");
        }
    }

    @Test
    void aBaselineThatDidNotRunIsAMistakeOfTheCommandLine() throws Exception {
        String json = ResultJson.write(new AnalysisDocument(List.of()));
        Path result = Files.writeString(folder.resolve("analysis.json"), json);
        Answer answer = run(
                "report",
                result.toString(),
                "--baseline",
                "tcmalloc",
                "--out",
                folder.resolve("page").toString());
        assertThat(answer.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(answer.err()).contains("tcmalloc");
    }

    private static Answer run(String... args) {
        return Answer.run((Object[]) args);
    }
}
