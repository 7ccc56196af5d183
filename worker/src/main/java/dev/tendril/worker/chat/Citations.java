package dev.tendril.worker.chat;

import dev.tendril.contract.frame.Frame;
import dev.tendril.worker.link.LinkException;
import dev.tendril.worker.run.FrameWriter;
import dev.tendril.worker.tool.ToolResult;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The pages that an answer rests on, each told once.
final class Citations {
    private static final int MOST = 12;

    private final FrameWriter out;
    private final Set<String> cited = new HashSet<>();

    Citations(FrameWriter out) {
        this.out = out;
    }

    /// @param wireId of the tool call that brought them
    void cite(String wireId, List<ToolResult.Source> sources)
            throws LinkException, InterruptedException {
        for (ToolResult.Source source : sources) {
            if (cited.size() < MOST && cited.add(source.url())) {
                String id = wireId + "-u" + cited.size();
                out.write(new Frame.SourceUrl(id, source.url(), source.title()));
            }
        }
    }
}
