package io.rseqlab.analyzer.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A check that nothing fails is none: each rule of the form is broken once. */
class TraceEventFormTest {
    private static final String LAWFUL = """
            {"displayTimeUnit":"ns","otherData":{"source":"simulated"},"traceEvents":[
            {"ph":"M","name":"process_name","pid":1,"tid":0,"args":{"name":"CPUs"}},
            {"ph":"M","name":"thread_name","pid":1,"tid":1,"args":{"name":"CPU 0"}},
            {"ph":"X","name":"a","cat":"running","pid":1,"tid":1,"ts":10.125,"dur":20,"args":{"cycle":7}},
            {"ph":"X","name":"b","cat":"section","pid":1,"tid":1,"ts":12,"dur":3.5,"args":{}},
            {"ph":"B","name":"c","cat":"x","pid":1,"tid":1,"ts":16},
            {"ph":"E","pid":1,"tid":1,"ts":18},
            {"ph":"i","name":"abort","cat":"abort","pid":1,"tid":1,"ts":15.5,"s":"t","args":{"causes":"signal"}}
            ]}""";

    private static List<String> problems(String json) {
        JsonNode root = new JsonMapper().readTree(json);
        return TraceEventForm.problems(root);
    }

    @ParameterizedTest
    @ValueSource(strings = {"'s'", "x"})
    void theLawfulPasses(String name) {
        assertThat(problems(LAWFUL.replace("\"b\"", "\"" + name + "\""))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            "ns"                   | "us"                     | displayTimeUnit
            "otherData"            | "other"                  | unknown top-level key
            "traceEvents":[        | "events":[               | no object with an array
            "ph":"X","name":"b"    | "ph":"Q","name":"b"      | is none that is read
            "name":"b",            |                          | phase X without name
            "cat":"section",       |                          | phase X without cat
            "dur":3.5,             |                          | phase X without dur
            "dur":3.5              | "dur":-3.5               | dur may not be -3.5
            "dur":3.5              | "dur":"3.5"              | dur may not be
            "ts":12                | "ts":12.0005             | ts may not be 12.0005
            "ts":12                | "ts":-1                  | ts may not be -1
            "ts":12,               |                          | phase X without ts
            "dur":3.5              | "dur":30                 | crosses an end
            "ts":12,               | "ts":12,"id":4,          | phase X has no field id
            "s":"t"                | "s":"x"                  | s may not be
            ,"s":"t"               |                          | phase i without s
            "tid":1,"ts":15.5      | "tid":2,"ts":15.5        | track 1/2 has no name
            "tid":1,"ts":15.5      | "tid":"1","ts":15.5      | tid may not be
            "pid":1,"tid":1,"ts":15.5 | "pid":1.5,"tid":1,"ts":15.5 | pid may not be
            "process_name"         | "process_labels"         | metadata process_labels without
            "process_name"         | "thread_name"            | process 1 has no name
            "tid":0                | "tid":1                  | nothing
            "tid":1,"args":{"name":"CPU 0"} | "tid":1,"args":{} | metadata thread_name without
            {"cycle":7}            | {"cycle":{}}             | argument cycle may not be
            {"cycle":7}            | {"cycle":9007199254740993} | argument cycle may not be
            {"ph":"E","pid":1,"tid":1,"ts":18}, |             | never ended
            "ph":"E","pid":1,"tid":1,"ts":18 | "ph":"E","pid":1,"tid":1,"ts":15 | nothing began before
            """)
    void eachRuleThatIsBrokenIsTold(String from, String to, String problem) {
        assertThat(LAWFUL).contains(from);
        List<String> found = problems(LAWFUL.replace(from, to == null ? "" : to));
        if (problem.equals("nothing")) {
            assertThat(found).isEmpty();
        } else {
            assertThat(found).anyMatch(line -> line.contains(problem));
        }
    }
}
