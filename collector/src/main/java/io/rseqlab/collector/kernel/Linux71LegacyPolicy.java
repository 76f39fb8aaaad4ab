package io.rseqlab.collector.kernel;

/**
 * Linux 7.1 with a C library that registers the 32 bytes of the area's first version, as glibc 2.36 does: legacy mode.
 * As in 6.18 every switch and every signal evaluates the section and rewrites the id fields; but event bits never go
 * stale, and descriptors are validated no further than in V2 mode.
 */
public final class Linux71LegacyPolicy extends Linux71Policy {
    @Override
    public String id() {
        return "linux-7.1-legacy";
    }

    @Override
    public String summary() {
        return "Linux 7.1 with a 32-byte registration: what 6.18 shows, without its stale event bits";
    }

    @Override
    public int libraryBytes() {
        return RseqArea.LENGTH;
    }
}
