package dev.tendril.worker.tool.visitor;

import dev.tendril.worker.tool.PlainText;
import dev.tendril.worker.tool.Tool;
import dev.tendril.worker.tool.ToolCard;
import dev.tendril.worker.tool.ToolContext;
import dev.tendril.worker.tool.ToolException;
import dev.tendril.worker.tool.ToolInput;
import dev.tendril.worker.tool.ToolResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// `search_content`, `read_page` and `search_feature_docs`.
public final class ContentTools {
    /// Pages about features stand in this folder of the content.
    private static final String FEATURES = "features/";

    private static final int FOUND_CHARS = 1_500;
    private static final String SEARCH_SCHEMA =
            """
            {"type": "object",
             "properties": {
               "query": {"type": "string", "minLength": 1, "maxLength": 500},
               "limit": {"type": "integer", "minimum": 1, "maximum": 10}},
             "required": ["query"], "additionalProperties": false}
            """;

    private ContentTools() {}

    /// The three tools over these pages.
    public static List<Tool> all(Pages pages) {
        return List.of(
                new Search(
                        pages,
                        "",
                        ToolCard.harmless(
                                "search_content",
                                "Search this site's pages by keywords. Look here before you answer"
                                        + " a question about the site or what it offers, and rest"
                                        + " the answer on what you find.",
                                SEARCH_SCHEMA)),
                new Search(
                        pages,
                        FEATURES,
                        ToolCard.harmless(
                                "search_feature_docs",
                                "Search only the pages that describe features: what exists, how it"
                                        + " is used, what is planned.",
                                SEARCH_SCHEMA)),
                new Read(pages));
    }

    private record Search(Pages pages, String below, ToolCard card) implements Tool {
        @Override
        public ToolResult run(ToolInput input, ToolContext context) {
            List<Object> hits = new ArrayList<>();
            List<ToolResult.Source> sources = new ArrayList<>();
            for (Pages.Passage found :
                    pages.search(input.text("query"), below, input.number("limit", 5))) {
                Map<String, @Nullable Object> hit = new LinkedHashMap<>();
                hit.put("page", found.page());
                hit.put("title", found.title());
                hit.put("address", found.address());
                hit.put("text", PlainText.headAndTail(found.text(), FOUND_CHARS));
                hits.add(hit);
                if (sources.size() < 3) {
                    sources.add(new ToolResult.Source(found.address(), found.title()));
                }
            }
            return new ToolResult(Map.of("found", hits), sources);
        }
    }

    private record Read(Pages pages) implements Tool {
        private static final ToolCard CARD =
                ToolCard.harmless(
                        "read_page",
                        "Read a whole page of this site, by the name or address that a search gave.",
                        """
                        {"type": "object",
                         "properties": {
                           "page": {"type": "string", "minLength": 1, "maxLength": 500}},
                         "required": ["page"], "additionalProperties": false}
                        """);

        @Override
        public ToolCard card() {
            return CARD;
        }

        @Override
        public ToolResult run(ToolInput input, ToolContext context) throws ToolException {
            List<Pages.Passage> passages = pages.page(input.text("page"));
            if (passages.isEmpty()) {
                throw new ToolException("There is no such page; search_content gives the names.");
            }
            StringBuilder text = new StringBuilder();
            for (Pages.Passage passage : passages) {
                text.append("## ").append(passage.title()).append("\n\n");
                text.append(passage.text()).append("\n\n");
            }
            Pages.Passage first = passages.getFirst();
            Map<String, @Nullable Object> page = new LinkedHashMap<>();
            page.put("page", first.page());
            page.put("address", first.address());
            page.put("text", text.toString().strip());
            return new ToolResult(
                    page, List.of(new ToolResult.Source(first.address(), first.title())));
        }
    }
}
