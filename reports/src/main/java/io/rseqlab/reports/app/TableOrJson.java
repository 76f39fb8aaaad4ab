package io.rseqlab.reports.app;

import picocli.CommandLine.Option;

/** The option {@code --format} of verbs that measure. */
final class TableOrJson {
    /** Forms; on the command line in lower case. */
    enum Form {
        TABLE,
        JSON
    }

    @Option(
            names = "--format",
            paramLabel = "FORM",
            defaultValue = "table",
            description = "Form of the result: table or json (default: ${DEFAULT-VALUE}).")
    private Form form;

    boolean json() {
        return form == Form.JSON;
    }
}
