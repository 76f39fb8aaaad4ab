package io.rseqlab.collector.live;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;

/** Writes a machine profile as profiles are written: TOML, a table per group, a line per number. */
final class ProfileText {
    private static final MathContext DIGITS = new MathContext(4);

    private final StringBuilder text = new StringBuilder();
    private String table = "";

    private ProfileText() {}

    /**
     * A profile's text.
     *
     * @param name the profile's name
     * @param remarks lines to stand above it
     * @param host the processor that it is a profile of
     * @param figures in the order in which they are to stand, those of a table together
     */
    static String of(String name, List<String> remarks, Host host, List<Figure> figures) {
        ProfileText profile = new ProfileText();
        remarks.forEach(remark -> profile.text.append("# ").append(remark).append('\n'));
        profile.text.append("name = ").append(quoted(name)).append("\n\n");
        boolean hostWritten = false;
        for (Figure figure : figures) {
            if (!hostWritten && figure.key().contains(".")) {
                profile.host(host);
                hostWritten = true;
            }
            profile.figure(figure);
        }
        return profile.text.toString();
    }

    private void host(Host host) {
        text.append("\n# The processor that this is a profile of, in the words of /proc/cpuinfo.\n[host]\nvendor = ")
                .append(quoted(host.vendor()))
                .append("\nfamily = ")
                .append(quoted(String.valueOf(host.family())))
                .append("\nmodel = ")
                .append(quoted(String.valueOf(host.model())))
                .append('\n');
    }

    private void figure(Figure figure) {
        int dot = figure.key().indexOf('.');
        String group = dot < 0 ? "" : figure.key().substring(0, dot);
        if (!group.equals(table)) {
            text.append("\n[").append(group).append("]\n");
            table = group;
        }
        text.append(figure.key().substring(dot + 1)).append(" = { value = ").append(number(figure.value()));
        text.append(", unit = ").append(quoted(figure.unit()));
        if (figure.low() != null && !number(figure.low()).equals(number(figure.high()))) {
            text.append(", low = ").append(number(figure.low()));
            text.append(", high = ").append(number(figure.high()));
        }
        text.append(", source = ").append(quoted(figure.source()));
        text.append(figure.assumed() ? ", assumed = true }\n" : " }\n");
    }

    /** Four digits say more than any of these costs keeps from one hour to the next; sizes are exact. */
    private static String number(double value) {
        boolean exact = value == Math.rint(value) && Math.abs(value) < 1L << 53;
        BigDecimal number = BigDecimal.valueOf(value);
        return (exact ? number : number.round(DIGITS)).stripTrailingZeros().toPlainString();
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replaceAll("\\p{Cntrl}", " ") + '"';
    }
}
