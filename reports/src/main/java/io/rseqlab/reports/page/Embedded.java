package io.rseqlab.reports.page;

import io.rseqlab.analyzer.result.ResultJson;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The data of a page as JSON: the result documents as they are, and every table that the page derives from them. */
final class Embedded {
    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private Embedded() {}

    static String json(ReportModel model, List<Table> shown) {
        ObjectNode root = MAPPER.createObjectNode();
        root.put("kind", "report").put("format_version", 1).put("title", model.title());
        if (model.command() != null) {
            root.put("command", model.command());
        }
        if (model.advice() != null) {
            root.set("advice", MAPPER.readTree(ResultJson.write(model.advice())));
        }
        if (model.comparison() != null) {
            root.set("comparison", MAPPER.readTree(ResultJson.write(model.comparison())));
        }
        if (model.runs() != null) {
            root.set("runs", MAPPER.readTree(ResultJson.write(model.runs())));
        }
        ArrayNode tables = root.putArray("tables");
        shown.forEach(table -> tables.add(table(table)));
        return MAPPER.writeValueAsString(root);
    }

    /** JSON that a browser cannot take for the end of the script or the beginning of a comment. */
    static String forScript(String json) {
        return json.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029");
    }

    private static ObjectNode table(Table table) {
        ObjectNode node = MAPPER.createObjectNode();
        node.put("title", table.title());
        node.set("headers", MAPPER.valueToTree(table.headers()));
        ArrayNode rows = node.putArray("rows");
        for (List<Object> row : table.rows()) {
            ArrayNode items = rows.addArray();
            row.forEach(item -> add(items, item));
        }
        node.put("note", table.note());
        return node;
    }

    private static void add(ArrayNode items, Object item) {
        if (item instanceof Quantity quantity) {
            if (quantity.low() == null) {
                items.add(quantity.value());
            } else {
                items.addObject()
                        .put("value", quantity.value())
                        .put("low", quantity.low())
                        .put("high", quantity.high());
            }
        } else {
            items.addPOJO(item);
        }
    }
}
