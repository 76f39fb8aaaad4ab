package io.rseqlab.collector.live;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.Charset;

/** The mark that some editors and shells write before a text in UTF-8; it is no part of the first line. */
final class ByteOrderMark {
    private static final byte[] BYTES = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private ByteOrderMark() {}

    /**
     * Passes over the mark, if the text begins with it.
     *
     * @param read the character set in which the text is read
     */
    static BufferedReader skip(BufferedReader text, Charset read) throws IOException {
        String mark = new String(BYTES, read);
        text.mark(mark.length());
        for (int i = 0; i < mark.length(); i++) {
            if (text.read() != mark.charAt(i)) {
                text.reset();
                return text;
            }
        }
        return text;
    }
}
