package io.rseqlab.collector.kernel;

/**
 * Linux 6.12, of long support: what 6.18 does about sections and fields. Its concurrency ids are those of 6.4 to 6.12:
 * a CPU that has lost its id to the scan gets the lowest that is free, and so soon another's.
 */
public final class Linux612Policy extends Linux618Policy {
    @Override
    public String id() {
        return "linux-6.12";
    }

    @Override
    public String summary() {
        return "Linux 6.12: as 6.18; CPUs whose concurrency id was unused for long get the lowest that is free";
    }

    @Override
    public ConcurrencyIdForm concurrencyIds() {
        return ConcurrencyIdForm.LINUX_6_4;
    }
}
