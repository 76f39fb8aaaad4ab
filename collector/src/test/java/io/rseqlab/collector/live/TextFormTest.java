package io.rseqlab.collector.live;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Lines are taken apart from the right, because command names may hold anything that the forms use as separators. */
class TextFormTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "ftrace; kworker/1:2-ev-77    [001] d..2.  12.000345: sched_switch: x; kworker/1:2-ev; 77; 1;"
                        + " 12000345000",
                "ftrace; C2 CompilerThre-88 [010] dN.1  12.000345: rseq_update: x; C2 CompilerThre; 88; 10;"
                        + " 12000345000",
                "ftrace; <idle>-0  (-----) [000] dNh2. 12.000345: sched_wakeup: x; <idle>; 0; 0; 12000345000",
                "ftrace; a.b-9 (  123) [000] ..... 12.000345678: rseq_update: x; a.b; 9; 0; 12000345678",
                "perf-script; my app 12  4711 [003]  12.000345:   rseq:rseq_update: x; my app 12; 4711; 3; 12000345000",
                "perf-script; :-1    -1 [000]  3144.470916: sched:sched_switch: x; :-1; -1; 0; 3144470916000",
                "perf-script; app 4700/4711 [003]  12.000345678: signal:signal_deliver: x; app; 4711; 3; 12000345678",
                "trace-cmd; migration/1-21    [001]  12.000345: sched_switch:         x; migration/1; 21; 1;"
                        + " 12000345000",
                "trace-cmd; a:b-1-21 [001] d..2. 12.000345678: rseq_update: x; a:b-1; 21; 1; 12000345678"
            })
    void linesAreTakenApart(String form, String line, String comm, int pid, int cpu, long nanos) {
        TextLine parsed = TextForm.of(form).parse(line);
        assertThat(parsed).isNotNull();
        assertThat(parsed.comm()).isEqualTo(comm);
        assertThat(parsed.pid()).isEqualTo(pid);
        assertThat(parsed.cpu()).isEqualTo(cpu);
        assertThat(parsed.nanos()).isEqualTo(nanos);
        assertThat(parsed.args()).isEqualTo("x");
    }

    @Test
    void tracefsWritesSystemCallsAsCalls() {
        TextLine entered = TextForm.FTRACE.parse("  a: sys_x-7  [000] .....  993.975637: sys_sched_yield()");
        assertThat(entered.event()).isEqualTo("sys_enter_sched_yield");
        assertThat(entered.pid()).isEqualTo(7);
        TextLine arguments = TextForm.FTRACE.parse(" a-7 [000] ..... 9.975637: sys_futex(uaddr: 55, op: 81)");
        assertThat(arguments.event()).isEqualTo("sys_enter_futex");
        assertThat(arguments.args()).isEqualTo("uaddr: 55, op: 81");
        TextLine returned = TextForm.FTRACE.parse(" a-7 [000] ..... 9.975637: sys_sched_yield -> 0x0");
        assertThat(returned.event()).isEqualTo("sys_exit_sched_yield");
    }

    @Test
    void switchesAreReadInEachForm() {
        TextArguments.Switch kernel = TextArguments.ofSwitch("prev_comm=a b=c prev_pid=7 prev_prio=120 prev_state=R+"
                + " ==> next_comm=migration/0 next_pid=18 next_prio=0");
        assertThat(kernel.previousComm()).isEqualTo("a b=c");
        assertThat(kernel.runnable()).isTrue();
        assertThat(kernel.next()).isEqualTo(18);
        TextArguments.Switch rewritten = TextArguments.ofSwitch("C1 Comp:x:7 [-51] S ==> kworker/0:1:18 [120]");
        assertThat(rewritten.previousComm()).isEqualTo("C1 Comp:x");
        assertThat(rewritten.previous()).isEqualTo(7);
        assertThat(rewritten.runnable()).isFalse();
        assertThat(rewritten.next()).isEqualTo(18);
        String raw = "prev_comm=bash prev_pid=7 prev_prio=120 prev_state=%s next_comm=x next_pid=18 next_prio=120";
        assertThat(TextArguments.ofSwitch(raw.formatted("0")).runnable()).isTrue();
        assertThat(TextArguments.ofSwitch(raw.formatted("0x100")).runnable()).isTrue();
        assertThat(TextArguments.ofSwitch(raw.formatted("1")).runnable()).isFalse();
    }

    @Test
    void wakeupsAreReadInEachForm() {
        TextArguments.Wakeup expected = new TextArguments.Wakeup(15, 1);
        assertThat(TextArguments.ofWakeup("comm=rcu pre pid=15 prio=120 target_cpu=001"))
                .isEqualTo(expected);
        assertThat(TextArguments.ofWakeup("comm=x pid=15 prio=120 success=1 target_cpu=001"))
                .isEqualTo(expected);
        assertThat(TextArguments.ofWakeup("rcu_preempt:15 [120] CPU:001")).isEqualTo(expected);
        assertThat(TextArguments.ofWakeup("rcu_preempt:15 [120] success=1 CPU:001"))
                .isEqualTo(expected);
    }

    @Test
    void lostEventsAreSeen() {
        assertThat(TextForm.lost("CPU:1 [LOST 123 EVENTS]")).isEqualTo(123);
        assertThat(TextForm.lost("CPU:1 [45 EVENTS DROPPED]")).isEqualTo(45);
        assertThat(TextForm.lost("CPU:1 [EVENTS DROPPED]")).isEqualTo(1);
        assertThat(TextForm.lost("bash-1 [000] ..... 1.000000: print: LOST")).isEqualTo(-1);
    }
}
