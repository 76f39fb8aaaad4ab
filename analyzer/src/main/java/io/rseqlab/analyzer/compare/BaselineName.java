package io.rseqlab.analyzer.compare;

import io.rseqlab.analyzer.result.RunResult;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A strategy as it is named on a command line: by the name in the tables, by its bare name, or by its name with some of
 * its parameters.
 */
public final class BaselineName {
    private final String name;
    private final Map<String, String> parameters;

    private BaselineName(String text) {
        int colon = text.indexOf(':');
        name = colon < 0 ? text : text.substring(0, colon);
        parameters = new TreeMap<>();
        for (String item : colon < 0 ? new String[0] : text.substring(colon + 1).split(",", -1)) {
            int equals = item.indexOf('=');
            parameters.put(item.substring(0, Math.max(0, equals)), plain(item.substring(equals + 1)));
        }
    }

    /**
     * The strategies that a text can mean, as {@link Comparison#strategies} names them: the one of exactly that name,
     * else every setting of that strategy which has all the parameters given.
     */
    public static List<String> fitting(String text, List<RunResult> runs) {
        Map<String, String> settings = Grouping.of(runs).settings();
        if (settings.containsKey(text)) {
            return List.of(text);
        }
        List<String> fitting = new ArrayList<>();
        settings.forEach((label, setting) -> {
            if (fits(text, setting)) {
                fitting.add(label);
            }
        });
        return fitting;
    }

    /** True if a text can mean a strategy with these settings: its name, with all, some or none of its parameters. */
    static boolean fits(String text, String settings) {
        BaselineName wanted = new BaselineName(text);
        BaselineName candidate = new BaselineName(settings);
        return candidate.name.equals(wanted.name)
                && candidate.parameters.entrySet().containsAll(wanted.parameters.entrySet());
    }

    /** 64, 64.0 and 6_4 are one number. */
    private static String plain(String value) {
        try {
            return new BigDecimal(value.replace("_", "")).stripTrailingZeros().toPlainString();
        } catch (NumberFormatException e) {
            return value;
        }
    }
}
