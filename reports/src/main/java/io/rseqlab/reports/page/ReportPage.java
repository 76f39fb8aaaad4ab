package io.rseqlab.reports.page;

import io.rseqlab.analyzer.result.ComparisonDocument;
import io.rseqlab.reports.chart.Picture;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The page: one HTML file that needs nothing else, with its pictures as files and its data as JSON beside it for those
 * who want them alone.
 */
public final class ReportPage {
    /** Name of the page. */
    public static final String PAGE = "index.html";

    /** Name of the data. */
    public static final String DATA = "report.json";

    /** Name of the folder of pictures. */
    public static final String CHARTS = "charts";

    private static final int NOTES = 6;

    private ReportPage() {}

    /**
     * Writes {@code index.html}, {@code report.json} and {@code charts/*.png} into a folder, which is made if need be.
     * Everything is made before the first byte is written, and each file appears whole.
     *
     * @return the page
     */
    public static Path write(Path folder, ReportModel model) throws IOException {
        Draft draft = new Draft(model);
        PageView view = view(draft);
        Map<String, Picture> pictures = draft.pictures();
        String html = PageViewRenderer.of().execute(view);
        Path charts = Files.createDirectories(folder.resolve(CHARTS));
        for (Map.Entry<String, Picture> picture : pictures.entrySet()) {
            put(charts.resolve(picture.getKey() + ".png"), picture.getValue().png());
        }
        put(folder.resolve(DATA), draft.json().getBytes(StandardCharsets.UTF_8));
        return put(folder.resolve(PAGE), html.getBytes(StandardCharsets.UTF_8));
    }

    /** The page as text. */
    static String html(ReportModel model) {
        return PageViewRenderer.of().execute(view(new Draft(model)));
    }

    private static Path put(Path file, byte[] bytes) throws IOException {
        Path whole = Files.write(file.resolveSibling(file.getFileName() + ".part"), bytes);
        return Files.move(whole, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    private static PageView view(Draft draft) {
        ReportModel model = draft.model();
        Views.Figure map = CrossoverSection.first(draft);
        Views.Section frontiers = FrontierSection.of(draft);
        boolean frontier = frontiers != null && !frontiers.figures().isEmpty();
        Views.Figure first = model.advice() != null
                ? AdviceSection.first(draft)
                : frontier ? frontiers.figures().get(0) : map;
        Views.Figure ranking = RankFigure.of(draft);
        Views.Figure overview = first != null ? first : ranking != null ? ranking : Overview.of(draft);
        Views.Summary summary = SummarySection.of(draft);
        List<Views.Section> sections = sections(draft, frontiers, overview == ranking ? null : ranking);
        SpecSection spec = SpecSection.of(draft);
        List<String> verdicts = verdicts(draft);
        List<String> notes = notes(model);
        return new PageView(
                model.title(),
                verdicts.get(0),
                overview,
                verdicts.subList(1, verdicts.size()),
                strategyVerdicts(draft),
                Facts.of(draft),
                model.comparison() == null ? null : model.comparison().modelError(),
                summary,
                sections,
                model.command(),
                spec.commands(),
                spec.settings(),
                Facts.reading(draft),
                notes.subList(0, Math.min(NOTES, notes.size())),
                notes.subList(Math.min(NOTES, notes.size()), notes.size()),
                model.notModelled(),
                model.comparison() == null ? List.of() : model.comparison().skipped(),
                draft.leaders().crowded(),
                Embedded.forScript(draft.json()));
    }

    /** What the comparison says of each strategy, where other sentences stand before it. */
    private static List<String> strategyVerdicts(Draft draft) {
        ReportModel model = draft.model();
        if (model.comparison() == null) {
            return List.of();
        }
        boolean others = !model.verdicts().isEmpty()
                || !FrontierSection.sentences(draft).isEmpty()
                || draft.leaders().crowded();
        return others ? model.comparison().verdicts() : List.of();
    }

    private static List<Views.Section> sections(Draft draft, Views.Section frontiers, Views.Figure ranking) {
        List<Views.Section> sections = new ArrayList<>();
        boolean advises = draft.model().advice() != null;
        List<Views.Grid> added = advises
                ? List.of()
                : draft.model().tables().stream().map(draft::grid).toList();
        sections.add(advises ? AdviceSection.of(draft) : null);
        draft.model().agreements().forEach(agreement -> sections.add(AgreementSection.of(draft, agreement)));
        sections.add(frontiers);
        // a ranking of all is nearer to the answer than a map of each of some
        sections.add(ranking == null ? null : ThroughputSection.of(draft, ranking));
        sections.add(CrossoverSection.of(draft));
        sections.add(SweepSection.of(draft));
        sections.add(ranking == null ? ThroughputSection.of(draft, null) : null);
        if (!added.isEmpty()) {
            boolean crowded = draft.leaders().crowded();
            sections.add(new Views.Section(
                    "estimates",
                    "How the figures come about",
                    null,
                    null,
                    List.of(),
                    crowded ? List.of() : added,
                    crowded ? added : List.of()));
        }
        if (!draft.observed().isEmpty()) {
            sections.add(LatencySection.of(draft));
            sections.add(ShiftSection.of(draft));
            sections.add(AbortSection.of(draft));
            sections.add(ExposureSection.of(draft));
            sections.add(TimelineSection.of(draft));
        }
        if (draft.model().agreements().isEmpty()) {
            sections.add(EvidenceSection.of(draft));
        }
        return sections.stream().filter(Objects::nonNull).toList();
    }

    private static List<String> verdicts(Draft draft) {
        ReportModel model = draft.model();
        ComparisonDocument comparison = model.comparison();
        List<String> all = new ArrayList<>(model.verdicts());
        if (all.isEmpty()) {
            all.addAll(FrontierSection.sentences(draft));
        }
        if (all.isEmpty() && comparison != null && draft.leaders().crowded()) {
            // a sentence on each strategy would be a page of them
            comparison.verdicts().stream().limit(1).forEach(all::add);
            all.addAll(RankFigure.sentences(draft));
        }
        if (all.isEmpty() && comparison != null) {
            all.addAll(comparison.verdicts());
        }
        if (all.isEmpty()) {
            all.addAll(comparison == null ? Facts.observations(draft) : List.of("There is no verdict."));
        }
        return all;
    }

    private static List<String> notes(ReportModel model) {
        List<String> notes = new ArrayList<>(model.notes());
        if (model.comparison() != null) {
            notes.addAll(model.comparison().notes());
        }
        if (model.runs() != null) {
            model.runs().runs().forEach(run -> notes.addAll(run.notes()));
        }
        return notes.stream().distinct().toList();
    }
}
