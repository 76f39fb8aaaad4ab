package io.rseqlab.collector.machine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A machine is compared with the profile of its own processor, never silently with that of another one. */
class ProfileOfHostTest {
    @Test
    void aProfileIsFoundByVendorFamilyAndModel() {
        assertThat(ProfileReader.shippedFor("AuthenticAMD", 25, 17)).isEqualTo("zen4-vm-2");
        assertThat(ProfileReader.shippedFor("AuthenticAMD", 25, 1)).isEqualTo("zen3-vm-2");
        assertThat(ProfileReader.shippedFor("AuthenticAMD", 26, 2)).isEqualTo("turin-vm-2");
        assertThat(ProfileReader.shippedFor("AuthenticAMD", 26, 68)).isEqualTo("zen5-vm-2");
        assertThat(ProfileReader.shippedFor("GenuineIntel", 6, 167)).isEqualTo("granite-vm-2");
    }

    @Test
    void anotherModelVendorOrFamilyIsNobodys() {
        assertThat(ProfileReader.shippedFor("AuthenticAMD", 25, 33)).isNull();
        assertThat(ProfileReader.shippedFor("GenuineIntel", 26, 2)).isNull();
        assertThat(ProfileReader.shippedFor("", -1, -1)).isNull();
    }
}
