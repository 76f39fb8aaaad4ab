package io.rseqlab.analyzer.result;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What stands in a tile is short, and never a zero with a sign. */
class MapPointTest {
    @ParameterizedTest
    @CsvSource({
        "1, same",
        "1.00004, <0.01%",
        "0.99996, <0.01%",
        "1.0004, +0.04%",
        "0.9993, -0.07%",
        "1.034, +3.4%",
        "0.966, -3.4%",
        "1.25, +25%",
        "12.4, ×12",
        ", –"
    })
    void aChangeIsSaidInFewCharacters(Double ratio, String words) {
        MapPoint point = new MapPoint("1", null, MapPoint.UNDECIDED, null, ratio, null, 10, null, null, null);
        assertThat(point.change()).isEqualTo(words);
    }
}
