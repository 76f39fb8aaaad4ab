package io.rseqlab.collector.run;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Names of folders that say what is in them, where that may be longer than file systems allow. */
public final class FolderNames {
    /** File systems take 255 bytes; who copies, packs or backs up a folder may add to its name. */
    static final int MOST_CHARACTERS = 200;

    private static final int DIGEST_BYTES = 6;

    private FolderNames() {}

    /**
     * The name as it is, or, if it is too long, its beginning and a digest of all of it: so names stay as different as
     * they were, and the same ones the same.
     *
     * @param name of ASCII characters; {@code %XX} in it is one character and is not cut
     */
    public static String shortened(String name) {
        if (name.length() <= MOST_CHARACTERS) {
            return name;
        }
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(name.getBytes(StandardCharsets.UTF_8));
            String end = "-" + HexFormat.of().formatHex(digest, 0, DIGEST_BYTES);
            String begin = name.substring(0, MOST_CHARACTERS - end.length());
            return begin.replaceFirst("%[0-9A-F]?$", "") + end;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
