package io.rseqlab.collector.machine;

import static java.lang.Double.NaN;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A machine is compared with the profile of its own processor, never silently with that of another one. */
class ProfileOfHostTest {
    @Test
    void aProfileIsFoundByVendorFamilyAndModel() {
        assertThat(ProfileReader.shippedFor("AuthenticAMD", 25, 17, NaN)).isEqualTo("zen4-vm-2");
        assertThat(ProfileReader.shippedFor("AuthenticAMD", 25, 1, NaN)).isEqualTo("zen3-vm-2");
        assertThat(ProfileReader.shippedFor("AuthenticAMD", 26, 2, NaN)).isEqualTo("turin-vm-2");
        assertThat(ProfileReader.shippedFor("AuthenticAMD", 26, 68, NaN)).isEqualTo("zen5-vm-2");
        assertThat(ProfileReader.shippedFor("GenuineIntel", 6, 167, NaN)).isEqualTo("granite-vm-2");
    }

    @Test
    void ofSeveralProfilesOfAProcessorThatOfTheNearestTimeStampCounterIsMeant() {
        assertThat(ProfileReader.shippedFor("AuthenticAMD", 26, 2, 2.096e9)).isEqualTo("turin-2096-vm-2");
        assertThat(ProfileReader.shippedFor("AuthenticAMD", 26, 2, 2.6e9)).isEqualTo("turin-vm-2");
    }

    @Test
    void anotherModelVendorOrFamilyIsNobodys() {
        assertThat(ProfileReader.shippedFor("AuthenticAMD", 25, 33, NaN)).isNull();
        assertThat(ProfileReader.shippedFor("GenuineIntel", 26, 2, NaN)).isNull();
        assertThat(ProfileReader.shippedFor("", -1, -1, NaN)).isNull();
    }
}
