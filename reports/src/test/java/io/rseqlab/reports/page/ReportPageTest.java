package io.rseqlab.reports.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rseqlab.analyzer.compare.Crossovers;
import io.rseqlab.analyzer.result.AnalysisDocument;
import io.rseqlab.analyzer.result.Cell;
import io.rseqlab.analyzer.result.CellKey;
import io.rseqlab.analyzer.result.ComparisonDocument;
import io.rseqlab.analyzer.result.Contrast;
import io.rseqlab.analyzer.result.Estimate;
import io.rseqlab.analyzer.result.StrategyResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The page is sent around: it must need nothing else, run nothing that was smuggled into a name, and show no number
 * that its data do not hold.
 */
class ReportPageTest {
    private static final Pattern DATA =
            Pattern.compile("<script type=\"application/json\" id=\"rseqlab-data\">(.*?)</script>", Pattern.DOTALL);

    @TempDir
    static Path folder;

    private static String html;

    @BeforeAll
    static void write() throws Exception {
        html = Files.readString(ReportPage.write(folder.resolve("page"), HandMade.model()));
    }

    @Test
    void thePageRefersToNothingOutside() {
        String withoutData = DATA.matcher(html).replaceAll("");
        assertThat(withoutData.replaceAll("base64,[^\"]*", ""))
                .doesNotContainPattern("(?i)https?:|//[a-z]|@import|url\\(|srcset|<iframe|<object|<embed");
        assertThat(attributes(withoutData, "src")).isNotEmpty().allMatch(source -> source.startsWith("data:image/png"));
        assertThat(attributes(withoutData, "href")).allMatch(target -> target.startsWith("data:"));
    }

    /** A table that ends inside a box looks as if that were all of it. */
    @Test
    void noTableIsCutOffAtSomeHeight() {
        String styles = html.substring(html.indexOf("<style>"), html.indexOf("</style>"));
        assertThat(styles.replaceAll("\\.dot \\{[^}]*}", "").replaceAll("line-height: |height: auto", ""))
                .as("nothing but the dots of a legend has a height of its own")
                .doesNotContain("height", "overflow: auto", "overflow-y", "line-clamp")
                .contains(".scroll { overflow-x: auto; }", ".scroll, .beyond { overflow: visible; }");
        assertThat(attributes(html, "style")).allMatch(style -> style.startsWith("background:"));
    }

    @Test
    void everyNumberShownIsInTheEmbeddedData() {
        Set<Double> known = numbers(data(html));
        Matcher shown = Pattern.compile("<data value=\"([^\"]*)\"").matcher(html);
        int count = 0;
        while (shown.find()) {
            assertThat(known).contains(Double.parseDouble(shown.group(1)));
            count++;
        }
        assertThat(count).isGreaterThan(1000);
    }

    @Test
    void theVerdictComesFirstThenItsPictureThenItsTableThenTheOtherCharts() {
        assertThat(html.indexOf("class=\"verdict\"")).isPositive().isLessThan(html.indexOf("id=\"overview\""));
        assertThat(html.indexOf("id=\"overview\"")).isLessThan(html.indexOf("id=\"summary\""));
        assertThat(html.indexOf("id=\"summary\"")).isLessThan(html.indexOf("<section"));
        assertThat(html.indexOf("Model error:")).isPositive().isLessThan(html.indexOf("id=\"summary\""));
        assertThat(html.lastIndexOf("<img")).isLessThan(html.indexOf("rseqlab demo --out out/demo"));
    }

    @Test
    void everyPictureHasWordsAndATable() {
        long pictures = attributes(html, "src").size();
        assertThat(attributes(html, "alt")).hasSize((int) pictures).allMatch(text -> text.length() > 20);
        assertThat(html.split("<summary>The numbers as a table", -1)).hasSize((int) pictures + 1);
    }

    @Test
    void picturesAndDataLieBesideThePage() throws Exception {
        List<byte[]> embedded = attributes(html, "src").stream()
                .map(source -> Base64.getDecoder().decode(source.substring(source.indexOf(',') + 1)))
                .toList();
        try (Stream<Path> files = Files.list(folder.resolve("page").resolve(ReportPage.CHARTS))) {
            List<Path> pictures = files.toList();
            assertThat(pictures).hasSameSizeAs(embedded);
            for (Path picture : pictures) {
                byte[] bytes = Files.readAllBytes(picture);
                assertThat(embedded).anyMatch(other -> Arrays.equals(other, bytes));
            }
        }
        String beside = Files.readString(folder.resolve("page").resolve(ReportPage.DATA));
        assertThat(JsonMapper.shared().readTree(beside)).isEqualTo(data(html));
    }

    @Test
    void theSameModelGivesTheSameBytes() {
        assertThat(ReportPage.html(small("plain"))).isEqualTo(ReportPage.html(small("plain")));
    }

    @Test
    void namesCannotBecomeMarkup() {
        String evil = "</script><script>alert(1)</script><!--\"'&";
        String page = ReportPage.html(small(evil)
                .withCommand(evil)
                .withNote(evil)
                .withVerdict(evil)
                .withNotModelled(evil)
                .withTable(new Table(evil, List.of(evil), List.of(List.of(evil)), evil)));
        assertThat(page.split("<script", -1)).hasSize(2);
        assertThat(page.split("</script>", -1)).hasSize(2);
        assertThat(page).doesNotContain("<!--");
        assertThat(data(page).path("title").asString()).isEqualTo(evil);
    }

    @Test
    void aPageWithoutRunsSaysSo() {
        assertThat(ReportPage.html(ReportModel.of("empty"))).contains("There are no runs.", "No data: no runs");
        AnalysisDocument none = new AnalysisDocument(List.of());
        assertThat(ReportPage.html(ReportModel.of("empty").withRuns(none))).contains("There are no runs.");
        ComparisonDocument nothing = HandMade.document(List.of(), List.of());
        assertThat(ReportPage.html(ReportModel.of("empty").withComparison(nothing)))
                .contains("There is no verdict.", "No data: no run has throughput_ops_per_s");
    }

    @Test
    void missingValuesAreShownAsMissing() {
        StrategyResult bare = bare("rseq-freelist", null);
        StrategyResult other = bare("message-passing", 2e6);
        Contrast contrast = new Contrast(
                "message-passing",
                "rseq-freelist",
                "throughput_ops_per_s",
                null,
                null,
                1,
                null,
                null,
                null,
                null,
                "no_data",
                "no data");
        CellKey key = new CellKey("churn", null, null, null, null, null, null);
        Cell cell = new Cell(key, "churn", List.of(bare, other), List.of(contrast), "no data");
        String page = ReportPage.html(
                ReportModel.of("bare").withComparison(HandMade.document(List.of(cell), List.of("no data"))));
        assertThat(page).contains("no data", "No data: no run had an abort", "No data: no run has a timeline");
        assertThat(DATA.matcher(page).replaceAll("")).doesNotContain("null").doesNotContain("NaN");
    }

    /** One strategy over thread counts, both in one cell: a curve for the first, the first table for the second. */
    @Test
    void cellsWithoutAllStrategiesAreCurvesAndNotRowsOfTheFirstTable() {
        List<Cell> cells = new ArrayList<>();
        for (int threads : new int[] {2, 4, 8}) {
            CellKey key = new CellKey("churn:handoff=0", "m", "k", 2, threads, null, null);
            StrategyResult baseline = bare("rseq-freelist", 1e6 * threads);
            List<StrategyResult> ran =
                    threads == 8 ? List.of(baseline, bare("message-passing", 2e6)) : List.of(baseline);
            cells.add(new Cell(key, "churn", ran, List.of(), "no data"));
        }
        String page =
                ReportPage.html(ReportModel.of("threads").withComparison(HandMade.document(cells, List.of("no data"))));
        assertThat(page).contains("by thread count: churn on 2 CPUs", "2 more cells");
        String summary = page.substring(page.indexOf("id=\"summary\""), page.indexOf("</table>"));
        assertThat(summary).contains("8 threads").doesNotContain("4 threads").doesNotContain("not run");
    }

    @Test
    void sentencesOfTheMakerComeBeforeThoseOnEachStrategyWhichAreFolded() {
        String page = ReportPage.html(small("two").withVerdict("The answer."));
        assertThat(page.indexOf("<p class=\"verdict\">The answer.</p>")).isPositive();
        assertThat(page.indexOf("Each strategy against the baseline"))
                .isLessThan(page.indexOf("message-passing beats"));
        assertThat(ReportPage.html(small("one"))).doesNotContain("Each strategy against the baseline");
    }

    /** Eleven strategies do not fit beside each other; two cells do. */
    @Test
    void moreStrategiesThanFitBesideEachOtherStandBelowEachOther() {
        ComparisonDocument document = HandMade.comparison();
        Cell cell = document.cells().get(0);
        List<StrategyResult> results = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            StrategyResult any = cell.strategies().get(i % 2);
            results.add(
                    i < 2
                            ? any
                            : new StrategyResult(
                                    "strategy-" + i,
                                    any.seeds(),
                                    any.traces(),
                                    any.simulatedSeconds() * (i + 1),
                                    any.events(),
                                    any.metrics(),
                                    any.latency(),
                                    any.abortsByCause(),
                                    any.abortSites(),
                                    any.offsetUnit(),
                                    any.sections(),
                                    any.timeline(),
                                    any.spec(),
                                    any.reproduce()));
        }
        Cell wide = new Cell(cell.key(), cell.label(), results, cell.contrasts(), "any");
        String page = ReportPage.html(
                ReportModel.of("wide").withComparison(HandMade.document(List.of(wide), List.of("any"))));
        String summary = page.substring(page.indexOf("id=\"summary\""));
        summary = summary.substring(0, summary.indexOf("</table>"));
        assertThat(summary.substring(0, summary.indexOf("</thead>")))
                .contains("<th scope=\"col\">strategy</th>", "10 seeds", " 200 ms to 1.8 s simulated")
                .doesNotContain("strategy-3");
        assertThat(summary.split("<th scope=\"row\">")).hasSize(1 + 9);
    }

    @Test
    void aMapTakesThePlaceOfThePictureThatAnswersTheQuestion() {
        ComparisonDocument document = HandMade.comparison();
        ComparisonDocument churn = HandMade.document(
                document.cells().stream()
                        .filter(cell -> cell.key().workload().startsWith("churn"))
                        .toList(),
                List.of("any"));
        ComparisonDocument mapped = Crossovers.in(churn, List.of("handoff", "cpus"));
        String page = ReportPage.html(ReportModel.of("map").withComparison(mapped));
        assertThat(page.indexOf("<figure id=\"winners\""))
                .isBetween(page.indexOf("class=\"verdict\""), page.indexOf("class=\"facts\""));
        assertThat(mapped.verdicts().get(0)).startsWith("Best of ");
        assertThat(page)
                .contains("strategies in throughput, by handoff and cpus")
                .contains("Throughput of message-passing over that of rseq-freelist by handoff and cpus")
                .contains("Crossovers along handoff, message-passing against rseq-freelist")
                .contains("message-passing over rseq-freelist, point by point")
                .doesNotContain("<figure id=\"ratio");
    }

    /** One line of points has no curve over threads: the map says it all, and nobody says that there is no data. */
    @Test
    void aLineOfPointsIsNotSaidToHaveNoData() {
        ComparisonDocument document = HandMade.comparison();
        List<Cell> churn = document.cells().stream()
                .filter(cell -> cell.key().workload().startsWith("churn"))
                .toList();
        ComparisonDocument line = HandMade.document(
                churn.stream()
                        .filter(cell ->
                                cell.key().cpus().equals(churn.get(0).key().cpus()))
                        .filter(cell ->
                                cell.key().threads().equals(churn.get(0).key().threads()))
                        .toList(),
                List.of("any"));
        String page = ReportPage.html(ReportModel.of("line").withComparison(Crossovers.in(line, List.of("handoff"))));
        assertThat(page).contains("Crossovers along handoff").doesNotContain("no run has");
    }

    @Test
    void aTableWhoseRowsDoNotFitIsRefused() {
        assertThatThrownBy(() -> new Table("crooked", List.of("a", "b"), List.of(List.of("x")), null))
                .hasMessageContaining("crooked")
                .hasMessageContaining("2 columns");
        assertThatThrownBy(() -> new Table("odd", List.of("a"), List.of(List.of(List.of())), null))
                .hasMessageContaining("odd");
    }

    private static StrategyResult bare(String name, Double throughput) {
        Estimate estimate = new Estimate(throughput, null, 1, "ops/s", Arrays.asList(throughput), "one run");
        return HandMade.result(name, Map.of("throughput_ops_per_s", estimate));
    }

    private static ReportModel small(String title) {
        return ReportModel.of(title).withComparison(HandMade.small());
    }

    private static List<String> attributes(String page, String name) {
        List<String> values = new ArrayList<>();
        Matcher attribute = Pattern.compile("\\s" + name + "=\"([^\"]*)\"").matcher(page);
        while (attribute.find()) {
            values.add(attribute.group(1));
        }
        return values;
    }

    private static JsonNode data(String page) {
        Matcher embedded = DATA.matcher(page);
        assertThat(embedded.find()).isTrue();
        return JsonMapper.shared().readTree(embedded.group(1));
    }

    private static Set<Double> numbers(JsonNode node) {
        Set<Double> numbers = new HashSet<>();
        if (node.isNumber()) {
            numbers.add(node.asDouble());
        }
        node.forEach(child -> numbers.addAll(numbers(child)));
        return numbers;
    }
}
