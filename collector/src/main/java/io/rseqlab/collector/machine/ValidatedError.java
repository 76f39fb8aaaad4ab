package io.rseqlab.collector.machine;

/**
 * How far throughputs that the model predicts for a machine were from those measured on it: what {@code validate}
 * found, as the machine's profile documents it.
 *
 * @param unshared relative error that half of the points stayed within, where threads share nothing but CPUs; a share
 * @param shared the same where threads pass objects on or have one list for all
 * @param source the command, the version of the model and how many points
 * @param cpus CPUs of the machine it was measured on: what is said of more is extrapolated
 */
public record ValidatedError(double unshared, double shared, String source, int cpus) {}
