package io.rseqlab.reports.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Of thirty strategies a reader may ask for one: the same text as in the list of all, and no other. */
class ListCommandTest {
    @Test
    void thoseThatAreNamedStandAsInTheListOfAllInTheOrderAskedFor() {
        for (String kind : List.of("strategies", "workloads", "machines", "kernels", "metrics")) {
            Answer all = Answer.run("list", kind);
            List<String> names =
                    all.out().lines().filter(line -> !line.startsWith(" ")).toList();
            String first = names.get(0).replaceAll(" .*", "");
            String second = names.get(1).replaceAll(" .*", "");
            String one = Answer.run("list", kind, first).out();
            String other = Answer.run("list", kind, second).out();
            assertThat(all.out()).as(kind).startsWith(one + other);
            assertThat(Answer.run("list", kind, second, first, second).out()).isEqualTo(other + one);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "strategies|ideal rseq-freelst|no strategy 'rseq-freelst'; did you mean 'rseq-freelist'?",
                "workloads|chrun|no workload 'chrun'; did you mean 'churn'?",
                "machines|zen5-vm-2 zen5-vm-3|no machine 'zen5-vm-3'; did you mean 'zen5-vm-2'?",
                "kernels|linux|no kernel 'linux'; did you mean 'linux-6.18'?",
                "metrics|abort|no metric 'abort'; did you mean 'aborts'?"
            })
    void nothingIsListedWhereANameIsUnknownAndNearOnesAreNamed(String kind, String names, String words) {
        Answer answer = Answer.run((Object[]) ("list " + kind + " " + names).split(" "));
        assertThat(answer.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(answer.out()).isEmpty();
        assertThat(answer.err()).startsWith("rseqlab: ").contains(words);
    }
}
