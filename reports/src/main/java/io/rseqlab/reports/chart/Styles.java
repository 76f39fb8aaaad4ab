package io.rseqlab.reports.chart;

import java.awt.Color;
import java.awt.Shape;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A colour and a shape for each name. Colours are those of Okabe and Ito, "Color Universal Design" (2008), which people
 * with any common colour blindness tell apart; their yellow is darkened to show on white. The shape says the same again
 * for those who print in grey.
 *
 * <p>The known strategies have fixed styles, so that one strategy looks the same on every page.
 */
public final class Styles {
    static final Color BLUE = new Color(0x0072b2);
    static final Color VERMILLION = new Color(0xd55e00);
    static final Color GREEN = new Color(0x009e73);
    static final Color ORANGE = new Color(0xe69f00);
    static final Color PURPLE = new Color(0xcc79a7);
    static final Color SKY = new Color(0x56b4e9);
    static final Color GREY = new Color(0x808080);
    static final Color BLACK = new Color(0x222222);
    static final Color OLIVE = new Color(0xa89a00);

    /** Lines that are there to be seen past. */
    static final Color PALE = new Color(0xb8bcc4);

    /** Their names, which can be read. */
    static final Color SOFT = new Color(0x5a6270);

    /** How one name is drawn. */
    record Style(Color color, Shape shape) {}

    private static final List<Color> COLORS = List.of(BLUE, VERMILLION, GREEN, ORANGE, PURPLE, SKY, GREY, BLACK, OLIVE);
    private static final List<String> KNOWN = List.of(
            "rseq-freelist",
            "message-passing",
            "rseq-message",
            "percpu-lock",
            "percpu-cas",
            "thread-cache-remote-cas",
            "global-mutex",
            "ideal",
            "global-treiber");
    private static final List<Shape> SHAPES = List.of(
            new Ellipse2D.Double(-4.5, -4.5, 9, 9),
            new Rectangle2D.Double(-4, -4, 8, 8),
            polygon(0, -5.5, 5.5, 0, 0, 5.5, -5.5, 0),
            polygon(0, -5, 5, 4.5, -5, 4.5),
            polygon(0, 5, 5, -4.5, -5, -4.5),
            polygon(-5, 0, 4.5, -5, 4.5, 5),
            new Rectangle2D.Double(-2, -5.5, 4, 11),
            new Ellipse2D.Double(-3.5, -3.5, 7, 7),
            polygon(5, 0, -4.5, -5, -4.5, 5));

    private static final Shape SMALL = new Ellipse2D.Double(-3, -3, 6, 6);

    /** So many names have a colour of their own. */
    public static final int MOST = COLORS.size();

    private final Map<String, Style> styles = new LinkedHashMap<>();

    /** Those behind the others. */
    private final Set<String> behind = new HashSet<>();

    private Styles() {}

    /** Styles for these names: known strategies have theirs, others take what is left, in order of their names. */
    public static Styles of(Collection<String> names) {
        Styles result = new Styles();
        List<Integer> free = new ArrayList<>();
        for (int i = 0; i < COLORS.size(); i++) {
            if (names.contains(KNOWN.get(i))) {
                result.styles.put(KNOWN.get(i), style(i));
            } else {
                free.add(i);
            }
        }
        int next = 0;
        for (String name : new TreeSet<>(names)) {
            if (!KNOWN.contains(name)) {
                result.styles.put(name, next < free.size() ? style(free.get(next)) : again(next));
                next++;
            }
        }
        return result;
    }

    /**
     * Styles where names are more than colours: those that stand out have one each, the others are grey and alike.
     *
     * @param names all of them
     * @param first those that stand out, the most important first; those beyond the colours are grey too
     */
    public static Styles standingOut(Collection<String> names, Collection<String> first) {
        Set<String> coloured = new LinkedHashSet<>();
        List<Integer> free = new ArrayList<>();
        for (int i = 0; i < COLORS.size(); i++) {
            if (!COLORS.get(i).equals(GREY)) {
                free.add(i);
            }
        }
        first.stream().filter(names::contains).limit(free.size()).forEach(coloured::add);
        Styles result = new Styles();
        for (String name : coloured) {
            int known = KNOWN.indexOf(name);
            if (free.remove((Integer) known)) {
                result.styles.put(name, style(known));
            }
        }
        for (String name : coloured) {
            result.styles.computeIfAbsent(name, any -> style(free.remove(0)));
        }
        for (String name : names) {
            if (!coloured.contains(name)) {
                result.styles.put(name, new Style(PALE, SMALL));
                result.behind.add(name);
            }
        }
        return result;
    }

    /** True where some names are grey, since there are more than colours. */
    boolean crowded() {
        return !behind.isEmpty();
    }

    /** True of a name that is grey among coloured ones. */
    boolean behind(String name) {
        return behind.contains(name);
    }

    /** Styles for causes of aborts. */
    public static Styles ofCauses(Collection<String> names) {
        return ofThings(names, 2);
    }

    /** Styles for what was seen, first, and what was computed. */
    public static Styles ofSeen(String seen, String computed) {
        return ofThings(List.of(seen, computed), 0);
    }

    /** Styles for places: machines, CPUs, threads. */
    public static Styles ofPlaces(Collection<String> names) {
        return ofThings(names, 0);
    }

    private static Styles ofThings(Collection<String> names, int first) {
        List<Style> free = List.of(
                new Style(BLACK, SHAPES.get(1)),
                new Style(ORANGE, SHAPES.get(0)),
                new Style(SKY, SHAPES.get(2)),
                new Style(PURPLE, SHAPES.get(3)),
                new Style(OLIVE, SHAPES.get(4)),
                new Style(GREY, SHAPES.get(5)));
        Styles result = new Styles();
        for (String name : names) {
            result.styles.put(name, free.get((first + result.styles.size()) % free.size()));
        }
        return result;
    }

    private static Style style(int index) {
        return new Style(COLORS.get(index), SHAPES.get(index));
    }

    /** A colour that is taken, with the shape of another: each pair comes once before the first comes again. */
    private static Style again(int index) {
        int shift = index / COLORS.size() + 1;
        return new Style(COLORS.get(index % COLORS.size()), SHAPES.get((index + shift) % SHAPES.size()));
    }

    Style of(String name) {
        Style style = styles.get(name);
        if (style == null) {
            throw new IllegalArgumentException("no style for " + name + ", only for " + styles.keySet());
        }
        return style;
    }

    /** The colour of a name as #rrggbb, for the page. */
    public String css(String name) {
        return String.format(Locale.ROOT, "#%06x", of(name).color().getRGB() & 0xffffff);
    }

    static Color nth(int index) {
        return COLORS.get(Math.floorMod(index, COLORS.size()));
    }

    static Shape polygon(double... xy) {
        Path2D.Double path = new Path2D.Double();
        path.moveTo(xy[0], xy[1]);
        for (int i = 2; i < xy.length; i += 2) {
            path.lineTo(xy[i], xy[i + 1]);
        }
        path.closePath();
        return path;
    }
}
