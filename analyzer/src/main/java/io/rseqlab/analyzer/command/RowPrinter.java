package io.rseqlab.analyzer.command;

import io.rseqlab.trace.Event;

/** Prints event rows. */
interface RowPrinter {
    void print(Event event);

    /** Ends the output. */
    void end();
}
