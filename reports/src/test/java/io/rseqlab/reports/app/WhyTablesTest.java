package io.rseqlab.reports.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Of many strategies a page takes apart those that a reader asks about, and not those whose names come first. */
class WhyTablesTest {
    @Test
    void ofManyStrategiesTheBestAreTakenApartAndOfFewAll() {
        Map<String, Double> many = new TreeMap<>(
                Map.of("a", 0.9, "b", 0.8, "c", -0.1, "d", 0.3, "e", -0.2, "f", 0.2, "ideal", -5.0, "z", -0.5));
        assertThat(WhyTables.shown(many)).containsExactly("z", "e", "c", "f", "d");
        Map<String, Double> few = new TreeMap<>(Map.of("b", 1.0, "a", 2.0, "ideal", -1.0));
        assertThat(WhyTables.shown(few)).containsExactly("a", "b", "ideal");
    }
}
