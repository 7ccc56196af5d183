package dev.tendril.worker.tool.web;

import dev.tendril.worker.policy.Decision;
import dev.tendril.worker.policy.Effect;
import dev.tendril.worker.policy.Policy;
import dev.tendril.worker.policy.Target;
import dev.tendril.worker.tool.Tool;
import dev.tendril.worker.tool.ToolCard;
import dev.tendril.worker.tool.ToolContext;
import dev.tendril.worker.tool.ToolException;
import dev.tendril.worker.tool.ToolInput;
import dev.tendril.worker.tool.ToolResult;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// `fetch_live_page`: reads a page of an allowed host as it is now.
public final class FetchLivePage implements Tool {
    private static final ToolCard CARD =
            ToolCard.harmless(
                            "fetch_live_page",
                            "Fetch a web page of an allowed host as it is now and read its text."
                                    + " Prefer search_content; use this for what changes often.",
                            """
                            {"type": "object",
                             "properties": {
                               "url": {"type": "string", "minLength": 8, "maxLength": 2000}},
                             "required": ["url"], "additionalProperties": false}
                            """)
                    .with(Set.of(Effect.EGRESS), true)
                    .within(Duration.ofSeconds(15));

    private final Policy policy;
    private final Fetcher fetcher;

    /// @param policy whose hosts may be asked, also after a redirect
    public FetchLivePage(Policy policy) {
        this(policy, new Fetcher());
    }

    FetchLivePage(Policy policy, Fetcher fetcher) {
        this.policy = policy;
        this.fetcher = fetcher;
    }

    @Override
    public ToolCard card() {
        return CARD;
    }

    @Override
    public List<Target> targets(ToolInput input, ToolContext context) throws ToolException {
        return List.of(new Target.Host(fetcher.address(input.text("url")).host()));
    }

    @Override
    public ToolResult run(ToolInput input, ToolContext context) throws ToolException {
        Fetcher.Page page =
                fetcher.get(
                        fetcher.address(input.text("url")),
                        host ->
                                policy.decide(
                                                context.role(),
                                                CARD.name(),
                                                List.of(new Target.Host(host)))
                                        instanceof Decision.Allowed);
        PageText text = PageText.of(page);
        String address = page.uri().toString();
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        answer.put("url", address);
        answer.put("title", text.title());
        answer.put("text", text.text());
        String title = text.title().isBlank() ? page.uri().getHost() : text.title();
        return new ToolResult(answer, List.of(new ToolResult.Source(address, title)));
    }
}
