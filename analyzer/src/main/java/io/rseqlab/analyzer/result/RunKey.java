package io.rseqlab.analyzer.result;

/**
 * What a run was: the coordinates by which runs are grouped and paired. All null for recorded traces.
 *
 * @param strategy the allocator strategy with its parameters
 * @param workload the workload with its parameters
 * @param machine name of the machine profile
 * @param kernel name of the kernel policy
 * @param cpus number of CPUs
 * @param threads number of threads under test
 * @param seed the seed: the unit of replication
 * @param inject the injected fault, null for none
 */
public record RunKey(
        String strategy,
        String workload,
        String machine,
        String kernel,
        Integer cpus,
        Integer threads,
        Long seed,
        String inject) {

    /** The key without strategy and seed: runs that share it may be compared. */
    public CellKey cell() {
        return new CellKey(workload, machine, kernel, cpus, threads, inject, null);
    }

    /** True where the run can be placed in a comparison. */
    public boolean comparable() {
        return strategy != null && workload != null && seed != null;
    }
}
