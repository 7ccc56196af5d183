package dev.tendril.worker.chat;

import dev.tendril.contract.run.Checkpoint;
import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.worker.link.LinkException;
import dev.tendril.worker.run.FrameWriter;
import io.micronaut.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes a turn's state, and reads what the last attempt left.
final class Checkpoints {
    private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);
    private static final int MAX_BYTES = 256 * 1024;

    private final ClaimedRun run;
    private final FrameWriter out;
    private final JsonMapper json;
    private int written;

    Checkpoints(ClaimedRun run, FrameWriter out, JsonMapper json) {
        this.run = run;
        this.out = out;
        this.json = json;
        Checkpoint last = run.checkpoint();
        this.written = last == null ? 0 : last.step();
    }

    /// What the last attempt left, or the beginning of a turn.
    TurnState last() {
        Checkpoint last = run.checkpoint();
        if (last == null) {
            return TurnState.begin();
        }
        try {
            TurnState stored = json.readValue(last.state(), TurnState.class);
            if (stored != null && stored.version() == TurnState.VERSION) {
                return stored;
            }
            throw new IOException("version");
        } catch (IOException e) {
            throw new IllegalStateException("the checkpoint is of another worker version", e);
        }
    }

    /// What the chat's last turn left; null when it left nothing that can be read.
    @Nullable AgentSnapshot snapshot() {
        String text = run.snapshot();
        if (text == null) {
            return null;
        }
        try {
            AgentSnapshot snapshot = json.readValue(text, AgentSnapshot.class);
            return snapshot != null && snapshot.version() == AgentSnapshot.VERSION
                    ? snapshot
                    : null;
        } catch (IOException e) {
            LOG.warn("The chat's snapshot is of another worker version and is left out");
            return null;
        }
    }

    /// Stores a state, what happened since the last one, and at a turn's end the chat's snapshot.
    ///
    /// @return the state as it was stored: its longest tool answers are cut when it is too large
    TurnState write(TurnState state, Trace trace, @Nullable AgentSnapshot snapshot)
            throws LinkException, InterruptedException {
        TurnState kept = state;
        String text = stored(kept);
        while (text.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
            TurnState shorter = kept.shorter();
            if (shorter == null) {
                LOG.warn("Run {} is too large for a checkpoint", run.runId());
                return kept;
            }
            kept = shorter;
            text = stored(kept);
        }
        written++;
        out.checkpoint(
                new Checkpoint(
                        written, text, trace.next(), snapshot == null ? null : stored(snapshot)));
        return kept;
    }

    private String stored(Object value) {
        try {
            return json.writeValueAsString(value);
        } catch (IOException e) {
            throw new IllegalStateException("the turn's state did not become JSON", e);
        }
    }
}
