package io.rseqlab.analyzer.command;

import io.rseqlab.trace.Event;

/** Prints event rows. */
interface RowPrinter {
    void print(Event event);

    /** A row that is left out, which may tell how things stand at the first one that is printed. */
    default void skip(Event event) {}

    /** Ends the output. */
    void end();
}
