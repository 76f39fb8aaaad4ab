package io.rseqlab.collector.live;

import java.io.FilterReader;
import java.io.IOException;
import java.io.Reader;

/** Remembers the last character that was read: at the end of a text it tells whether its last line was ended. */
final class LastCharacter extends FilterReader {
    private int last = -1;

    LastCharacter(Reader text) {
        super(text);
    }

    @Override
    public int read() throws IOException {
        int next = super.read();
        last = next < 0 ? last : next;
        return next;
    }

    @Override
    public int read(char[] into, int offset, int length) throws IOException {
        int count = super.read(into, offset, length);
        last = count > 0 ? into[offset + count - 1] : last;
        return count;
    }

    /** Whether a line ended with the last character; only once there is no more to read. */
    boolean endedLine() {
        return last == '\n' || last == '\r';
    }
}
