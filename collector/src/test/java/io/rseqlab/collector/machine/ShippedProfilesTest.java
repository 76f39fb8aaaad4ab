package io.rseqlab.collector.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every number of a shipped profile says where it comes from, and distances grow with distance. */
class ShippedProfilesTest {
    static final Iterable<String> NAMES = ProfileReader.SHIPPED;

    @ParameterizedTest
    @FieldSource("NAMES")
    void everyNumberHasASource(String name) {
        MachineProfile profile = ProfileReader.shipped(name);
        assertThat(profile.name()).isEqualTo(name);
        assertThat(profile.facts())
                .allSatisfy(fact ->
                        assertThat(fact.source()).as(fact.key()).isNotBlank().isNotEqualTo("not stated"));
        assertThat(profile.facts()).anyMatch(fact -> !fact.assumed() || name.equals("generic-64"));
    }

    @ParameterizedTest
    @FieldSource("NAMES")
    void nearerIsFaster(String name) {
        MachineProfile profile = ProfileReader.shipped(name);
        assertThat(profile.l1Cycles()).isLessThanOrEqualTo(profile.l2Cycles());
        assertThat(profile.l2Cycles()).isLessThan(profile.l3Cycles());
        assertThat(profile.l3Cycles()).isLessThan(profile.dramCycles());
        assertThat(profile.cost("transfer.same_l3")).isLessThanOrEqualTo(profile.cost("transfer.other_l3"));
        assertThat(profile.cost("transfer.other_l3")).isLessThanOrEqualTo(profile.cost("transfer.other_socket"));
    }

    @Test
    void aNumberThatNothingReadsIsRefused() {
        assertThatThrownBy(() -> ProfileReader.parse(
                        "name = \"x\"\n[core]\nlocked_drain = { value = 1, unit = \"count\" }\n", "x.toml"))
                .hasMessageContaining("core.locked_drain")
                .hasMessageContaining("core.locked_drains");
    }

    @Test
    void someHaveHardwareTransactionsAndNoneHasThemHalf() {
        assertThat(ProfileReader.SHIPPED)
                .filteredOn(name -> ProfileReader.shipped(name).offersTransactions())
                .containsExactly("i7-4770-4", "i7-4600u-2");
        String half = "name = \"x\"\n[core]\ntx_begin = { value = 1, unit = \"cycle\" }\n";
        assertThatThrownBy(() -> ProfileReader.parse(half, "x.toml"))
                .hasMessageContaining("x.toml does not say core.tx_end")
                .hasMessageContaining("or none");
    }

    @ParameterizedTest
    @FieldSource("NAMES")
    void aRangeHoldsItsValue(String name) {
        assertThat(ProfileReader.shipped(name).facts())
                .filteredOn(fact -> fact.low() != null)
                .isNotEmpty()
                .allSatisfy(fact -> assertThat(fact.value()).as(fact.key()).isBetween(fact.low(), fact.high()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"low = 2, high = 3", "low = 0.5", "high = 3", "low = \"x\", high = 3"})
    void aRangeWithoutItsValueOrItsEndsIsRefused(String range) {
        String text = "name = \"x\"\n[core]\nlocked = { value = 1, unit = \"cycle\", " + range + " }\n";
        assertThatThrownBy(() -> ProfileReader.parse(text, "x.toml"))
                .hasMessageContaining("x.toml: core.locked needs both low and high");
    }

    @Test
    void whatValidateFoundStandsInTheProfileWithItsSource() {
        ValidatedError error = ProfileReader.shipped("turin-vm-2").error();
        assertThat(error.unshared()).isPositive().isLessThan(error.shared());
        assertThat(error.source()).startsWith("validate --grid full, model version ");
        assertThat(ProfileReader.shipped("generic-64").error()).isNull();
        assertThatThrownBy(() -> ProfileReader.parse("name = \"x\"\n[validation]\nunshared = 0.03\n", "x.toml"))
                .hasMessageContaining("x.toml: [validation] needs unshared and shared");
    }
}
