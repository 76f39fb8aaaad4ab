package io.rseqlab.trace;

/**
 * A broken invariant.
 *
 * @param invariant which
 * @param ordinal the row's place in the trace, from 0, operations included; -1 where no single row breaks it
 * @param thread the row's thread, -1 if it has none
 * @param found what was found instead
 * @param row the row, null where no single row breaks it
 */
public record Violation(Invariant invariant, long ordinal, int thread, String found, String row) {
    @Override
    public String toString() {
        String where = row == null ? "" : "\n  row " + ordinal + ": " + row;
        return invariant.sentence() + ": " + found + where;
    }
}
