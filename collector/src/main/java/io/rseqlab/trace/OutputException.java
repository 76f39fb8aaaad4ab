package io.rseqlab.trace;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** A place that cannot be written to, as the user named it: says which, why, and the way out. */
public class OutputException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public OutputException(String message) {
        super(message);
    }

    public OutputException(String message, Throwable cause) {
        super(message, cause);
    }

    /**
     * {@code cannot write X: reason}.
     *
     * @param what the place as the user knows it, a path or a name such as standard output
     */
    public static OutputException cannotWrite(Object what, IOException cause) {
        return cannotWrite(what, cause, "");
    }

    /**
     * The same with something more to say.
     *
     * @param what the place as the user knows it
     * @param more what follows the reason, empty for nothing
     */
    public static OutputException cannotWrite(Object what, IOException cause, String more) {
        String place = what instanceof String words ? words : "'" + what + "'";
        return new OutputException("cannot write " + place + ": " + reason(cause) + more, cause);
    }

    /** Why writing failed, in words: the messages of java.nio often hold nothing but the path. */
    private static String reason(IOException e) {
        if (e instanceof FileAlreadyExistsException) {
            return "there is a file of that name in the way";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (e instanceof NoSuchFileException) {
            return "no such folder";
        }
        if (e instanceof FileSystemException file && file.getReason() != null) {
            return file.getReason();
        }
        String message = e.getMessage();
        return message == null ? e.getClass().getSimpleName().replace("Exception", "") : message;
    }
}
