package io.rseqlab.reports.page;

import io.jstach.jstache.JStache;
import io.jstach.jstache.JStachePartial;
import io.jstach.jstache.JStachePartials;
import java.util.List;

/**
 * The page as its template sees it; the compiler checks one against the other.
 *
 * @param title heading
 * @param verdict the answer in a sentence
 * @param overview the answer as a picture, or null
 * @param moreVerdicts further sentences
 * @param strategyVerdicts a sentence on each strategy, folded
 * @param facts baseline, metric, seeds and intervals in a few words each
 * @param modelError what is not inside the intervals, or null
 * @param summary the first table, or null
 * @param sections the parts after it
 * @param command the command that makes the page again, or null
 * @param commands the commands that make the traces again
 * @param settings what all runs share
 * @param reading how to read the page
 * @param notes what must be known to read the numbers
 * @param moreNotes the rest of them, folded
 * @param notModelled what the numbers leave out
 * @param skipped what was left out, with reasons
 * @param crowded whether strategies are more than colours, so that marks tell their names when pointed at
 * @param data the embedded JSON
 */
@JStache(path = "io/rseqlab/reports/page/page.mustache")
@JStachePartials({
    @JStachePartial(name = "headed", path = "io/rseqlab/reports/page/headed.mustache"),
    @JStachePartial(name = "item", path = "io/rseqlab/reports/page/item.mustache"),
    @JStachePartial(name = "figure", path = "io/rseqlab/reports/page/figure.mustache"),
    @JStachePartial(name = "grid", path = "io/rseqlab/reports/page/grid.mustache")
})
record PageView(
        String title,
        String verdict,
        Views.Figure overview,
        List<String> moreVerdicts,
        List<String> strategyVerdicts,
        List<Views.Named> facts,
        String modelError,
        Views.Summary summary,
        List<Views.Section> sections,
        String command,
        List<Views.Named> commands,
        List<Views.Named> settings,
        List<String> reading,
        List<String> notes,
        List<String> moreNotes,
        List<String> notModelled,
        List<String> skipped,
        boolean crowded,
        String data) {

    boolean anyStrategyVerdicts() {
        return !strategyVerdicts.isEmpty();
    }

    boolean anyNotes() {
        return !notes.isEmpty();
    }

    boolean anyMoreNotes() {
        return !moreNotes.isEmpty();
    }

    boolean anyNotModelled() {
        return !notModelled.isEmpty();
    }

    boolean anySkipped() {
        return !skipped.isEmpty();
    }

    boolean anySettings() {
        return !settings.isEmpty();
    }

    boolean anyCommands() {
        return !commands.isEmpty();
    }
}
