package io.rseqlab.collector.live;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Programs by name, as a shell finds them. */
public final class Programs {
    private Programs() {}

    /**
     * Null if there is such a program, else why a shell would not start it, with the exit code it would end with: 127
     * where there is none, 126 where it cannot be executed.
     *
     * @param name a path, or a name looked for along a search path
     * @param searchPath folders, as in the environment variable PATH
     */
    public static String whyNot(String name, String searchPath) {
        if (name.contains("/")) {
            return whyNot(Path.of(name));
        }
        if (find(name, searchPath) != null) {
            return null;
        }
        boolean found = false;
        for (String folder : searchPath.split(Pattern.quote(File.pathSeparator))) {
            found |= Files.isRegularFile(Path.of(folder.isEmpty() ? "." : folder, name));
        }
        return found
                ? "'" + name + "' on the PATH cannot be executed (a shell would say 126)"
                : "there is no command '" + name + "' on the PATH (a shell would say 127)";
    }

    /** The file that a shell starts for a name; null if there is none. */
    static Path find(String name, String searchPath) {
        if (name.contains("/")) {
            return whyNot(Path.of(name)) == null ? Path.of(name) : null;
        }
        for (String folder : searchPath.split(Pattern.quote(File.pathSeparator))) {
            Path program = Path.of(folder.isEmpty() ? "." : folder, name);
            if (Files.isRegularFile(program) && Files.isExecutable(program)) {
                return program;
            }
        }
        return null;
    }

    private static String whyNot(Path program) {
        if (!Files.exists(program)) {
            return "there is no command '" + program + "' (a shell would say 127)";
        }
        return Files.isRegularFile(program) && Files.isExecutable(program)
                ? null
                : "'" + program + "' cannot be executed (a shell would say 126)";
    }
}
