package io.rseqlab.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The documentation of the format is made from the code, so that it cannot go stale. */
class TraceSchemaTest {
    private static final String BEGIN = "<!-- begin of what TraceSchema.markdown() prints -->\n";
    private static final String END = "<!-- end of what TraceSchema.markdown() prints -->\n";

    @Test
    void theDocumentHoldsTheGeneratedTables() throws IOException {
        String document = Files.readString(Path.of("../docs/trace-format.md"));
        int from = document.indexOf(BEGIN) + BEGIN.length();
        int to = document.indexOf(END);
        assertThat(document.substring(from, to)).isEqualTo(TraceSchema.markdown());
    }
}
