package dev.tendril.worker;

import dev.tendril.worker.cli.PolicyQuestions;
import dev.tendril.worker.policy.Policy;
import dev.tendril.worker.policy.Role;
import dev.tendril.worker.tool.ToolBox;
import dev.tendril.worker.tool.ToolCard;
import dev.tendril.worker.tool.ToolContext;
import dev.tendril.worker.tool.ToolOutcome;
import dev.tendril.worker.tool.ToolTurn;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;

/// Answers from the same tools and the same checks that turns have.
@Singleton
final class ToolsetQuestions implements PolicyQuestions {
    private static ToolBox box(Path dataDir, Policy policy, Role role) throws IOException {
        Toolset toolset = new Toolset(dataDir, dataDir.resolve("content"), null);
        return new ToolBox(toolset.of(policy), policy, role);
    }

    @Override
    public List<String> tools(Path dataDir, Policy policy, Role role) throws IOException {
        return box(dataDir, policy, role).cards().stream().map(ToolCard::name).toList();
    }

    @Override
    public Answer explain(Path dataDir, Policy policy, Role role, String tool, String arguments)
            throws IOException {
        ToolContext nobody = new ToolContext(role, "nobody", "none", "none", false, List.of());
        ToolTurn turn = new ToolTurn(box(dataDir, policy, role), nobody, InstantSource.system());
        ToolOutcome refusal = turn.refusal(new ToolTurn.Call("explain", tool, arguments));
        return refusal == null
                ? new Answer(true, "allowed (" + role.key() + ".tools and its lists)")
                : new Answer(false, refusal.reason());
    }
}
