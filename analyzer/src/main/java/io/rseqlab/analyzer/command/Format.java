package io.rseqlab.analyzer.command;

/** Forms of a result. */
enum Format {
    TABLE,
    JSON,
    CSV,
    PARQUET
}
