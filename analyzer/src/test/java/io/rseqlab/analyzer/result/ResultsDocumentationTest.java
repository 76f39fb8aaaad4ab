package io.rseqlab.analyzer.result;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** A key that the documentation does not name is one that nobody can rely on. */
class ResultsDocumentationTest {
    private static final List<Class<? extends Record>> OF_ANALYSIS = List.of(
            RunKey.class,
            RunJson.Evidence.class,
            AbortSite.class,
            SectionListing.class,
            CpuResult.class,
            ThreadResult.class,
            LatencyHistogram.class,
            LatencyHistogram.Bucket.class,
            Timeline.class,
            Timeline.Segment.class,
            Timeline.Mark.class);

    private static final List<Class<? extends Record>> OF_COMPARISON = List.of(
            AdviceDocument.class,
            AdviceDocument.Place.class,
            AdviceDocument.Standing.class,
            AdviceDocument.Neighbour.class,
            AdviceDocument.Change.class,
            WhyDocument.class,
            WhyDocument.Difference.class,
            WhyDocument.Part.class,
            ComparisonDocument.class,
            Cell.class,
            CellKey.class,
            StrategyResult.class,
            Estimate.class,
            Interval.class,
            Contrast.class,
            CostDraws.class,
            QuantileShifts.class,
            QuantileShifts.Point.class,
            CrossoverMap.class,
            MapAxis.class,
            MapPoint.class,
            Crossover.class,
            Crossover.Crossing.class);

    @Test
    void everyKeyIsDocumented() throws IOException {
        String text = Files.readString(Path.of("..", "docs", "results.md"));
        String analysis = text.substring(text.indexOf("## `kind: analysis`"), text.indexOf("## `kind: comparison`"));
        String comparison = text.substring(text.indexOf("## `kind: comparison`"), text.indexOf("## CSV and Parquet"));
        RunJson.RESERVED.forEach(key -> assertThat(analysis).contains("`" + key + "`"));
        OF_ANALYSIS.forEach(type -> requireKeys(type, analysis));
        OF_COMPARISON.forEach(type -> requireKeys(type, comparison + text.substring(0, text.indexOf("## `kind"))));
    }

    private static void requireKeys(Class<? extends Record> type, String text) {
        assertThat(Arrays.stream(type.getRecordComponents()).map(ResultsDocumentationTest::key))
                .as(type.getSimpleName())
                .allMatch(key -> text.contains("`" + key + "`"));
    }

    private static String key(RecordComponent component) {
        JsonProperty named = component.getAccessor().getAnnotation(JsonProperty.class);
        return named == null
                ? component.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT)
                : named.value();
    }
}
