package dev.tendril.service.run;

import dev.tendril.contract.frame.Frame;
import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.service.problem.ProblemException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a worker may write.
final class FrameRules {

    private static final int FRAMES = 5_000;
    private static final int ID_CHARACTERS = 200;

    private FrameRules() {}

    /// Frames of a batch that does not end the answer.
    ///
    /// @return the `start` frame's message id, null when there is none
    static @Nullable String checkBatch(List<Frame> frames) {
        return check(frames, frames.size());
    }

    /// Frames of the batch that ends the answer.
    ///
    /// @return the `start` frame's message id, null when there is none
    static @Nullable String checkLast(List<Frame> frames) {
        if (frames.isEmpty() || !(frames.getLast() instanceof Frame.Finish)) {
            throw invalid("The last batch ends with finish.");
        }
        return check(frames, frames.size() - 1);
    }

    private static @Nullable String check(List<Frame> frames, int terminalFrom) {
        if (frames.size() > FRAMES) {
            throw invalid("A batch has at most 5000 frames.");
        }
        String startId = null;
        for (int i = 0; i < frames.size(); i++) {
            Frame frame = frames.get(i);
            if (frame.terminal() && i < terminalFrom) {
                throw invalid("Only complete ends an answer, with finish as its last frame.");
            }
            switch (frame) {
                case Frame.Start f -> {
                    if (i > 0) {
                        throw invalid("start is the first frame of an answer.");
                    }
                    startId = f.messageId();
                }
                case Frame.TextStart f -> id(f.id());
                case Frame.TextDelta f -> id(f.id());
                case Frame.TextEnd f -> id(f.id());
                case Frame.ReasoningStart f -> id(f.id());
                case Frame.ReasoningDelta f -> id(f.id());
                case Frame.ReasoningEnd f -> id(f.id());
                case Frame.ToolInputStart f -> id(f.toolCallId());
                case Frame.ToolInputDelta f -> id(f.toolCallId());
                case Frame.ToolInputAvailable f -> id(f.toolCallId());
                case Frame.ToolOutputAvailable f -> id(f.toolCallId());
                case Frame.ToolOutputError f -> id(f.toolCallId());
                case Frame.SourceUrl f -> id(f.sourceId());
                case Frame.RelayMessage _,
                        Frame.RelaySuperseded _,
                        Frame.RelayFailure _,
                        Frame.RelayStatus _ ->
                        throw invalid("Only the relay writes this data-relay frame.");
                case Frame.RelayCompacted _,
                        Frame.StartStep _,
                        Frame.File _,
                        Frame.FinishStep _,
                        Frame.Finish _,
                        Frame.Abort _,
                        Frame.Error _ -> {}
            }
        }
        return startId;
    }

    private static void id(String id) {
        if (id.isEmpty() || id.length() > ID_CHARACTERS) {
            throw invalid("An id has 1 to 200 characters.");
        }
    }

    static ProblemException invalid(String detail) {
        return new ProblemException(ErrorCode.INVALID_REQUEST, detail);
    }
}
