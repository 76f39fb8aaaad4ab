package io.rseqlab.reports.chart;

import java.awt.Graphics2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleFunction;
import org.jfree.chart.axis.AxisState;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.NumberTick;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.ui.RectangleEdge;
import org.jfree.chart.ui.TextAnchor;

/**
 * Axes whose ticks are given. JFreeChart's own choice leaves out labels of rows and puts logarithmic ticks on numbers
 * such as 158.
 */
final class Axes {
    private static final int LONGEST = 90;

    private Axes() {}

    /** A tick: where, and what it says. */
    record Tick(double at, String label) {}

    /** An axis of numbers. */
    static ValueAxis of(String title, Scale scale, Theme theme) {
        return of(title, scale, Scale::text, theme);
    }

    static ValueAxis of(String title, Scale scale, DoubleFunction<String> text, Theme theme) {
        List<Tick> ticks =
                scale.ticks().stream().map(at -> new Tick(at, text.apply(at))).toList();
        return dressed(scale.log() ? new Logarithmic(title, ticks) : new Linear(title, ticks), scale, theme);
    }

    /** An axis of named rows: row i lies at i, the first at the top. */
    static ValueAxis rows(List<String> names, Theme theme) {
        ValueAxis axis = named(null, names, theme);
        axis.setInverted(true);
        return axis;
    }

    /** An axis of names: name i lies at i. */
    static ValueAxis named(String title, List<String> names, Theme theme) {
        List<Tick> ticks = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            ticks.add(new Tick(i, shortened(names.get(i))));
        }
        Linear axis = new Linear(title, ticks);
        axis.setTickMarksVisible(false);
        return dressed(axis, new Scale(-0.5, names.size() - 0.5, false, List.of()), theme);
    }

    /** Leaves room for the values: the middle of a very long name goes, and says so. */
    static String shortened(String name) {
        return name.length() <= LONGEST
                ? name
                : name.substring(0, LONGEST / 2) + " … " + name.substring(name.length() - LONGEST / 2 + 3);
    }

    private static ValueAxis dressed(ValueAxis axis, Scale scale, Theme theme) {
        axis.setAutoRange(false);
        axis.setRange(scale.low(), scale.high());
        theme.dress(axis);
        return axis;
    }

    private static List<NumberTick> ticks(List<Tick> given, RectangleEdge edge) {
        boolean horizontal = RectangleEdge.isTopOrBottom(edge);
        TextAnchor anchor = horizontal ? TextAnchor.TOP_CENTER : TextAnchor.CENTER_RIGHT;
        return given.stream()
                .map(tick -> new NumberTick(tick.at(), tick.label(), anchor, anchor, 0))
                .toList();
    }

    private static final class Linear extends NumberAxis {
        private static final long serialVersionUID = 1L;
        private final transient List<Tick> given;

        Linear(String title, List<Tick> given) {
            super(title);
            this.given = given;
            setAutoRangeIncludesZero(false);
        }

        @Override
        @SuppressWarnings("rawtypes")
        public List refreshTicks(Graphics2D graphics, AxisState state, Rectangle2D area, RectangleEdge edge) {
            return ticks(given, edge);
        }
    }

    private static final class Logarithmic extends LogAxis {
        private static final long serialVersionUID = 1L;
        private final transient List<Tick> given;

        Logarithmic(String title, List<Tick> given) {
            super(title);
            this.given = given;
        }

        @Override
        @SuppressWarnings("rawtypes")
        public List refreshTicks(Graphics2D graphics, AxisState state, Rectangle2D area, RectangleEdge edge) {
            return ticks(given, edge);
        }
    }
}
