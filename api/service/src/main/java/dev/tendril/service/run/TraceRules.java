package dev.tendril.service.run;

import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.contract.run.Checkpoint;
import dev.tendril.contract.trace.Span;
import dev.tendril.service.problem.ProblemException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// What a worker may store beside a checkpoint's state.
final class TraceRules {
    private static final int SPANS = 64;
    private static final int NAME = 200;
    private static final int WORDS = 8_000;
    private static final int SNAPSHOT_BYTES = 64 * 1024;

    private TraceRules() {}

    static void check(Checkpoint checkpoint) {
        String snapshot = checkpoint.snapshot();
        if (snapshot != null) {
            text(snapshot);
            if (snapshot.getBytes(StandardCharsets.UTF_8).length > SNAPSHOT_BYTES) {
                throw new ProblemException(ErrorCode.TOO_LARGE, "A snapshot has at most 64 KiB.");
            }
        }
        List<Span> spans = checkpoint.spans();
        if (spans == null) {
            return;
        }
        if (spans.size() > SPANS) {
            throw FrameRules.invalid("A checkpoint has at most 64 spans.");
        }
        spans.forEach(TraceRules::check);
    }

    private static void check(Span span) {
        if (span.id().isEmpty()
                || span.id().length() > NAME
                || span.name().length() > NAME
                || span.outcome().length() > NAME
                || span.step() < 1
                || span.time().ms() < 0) {
            throw FrameRules.invalid(
                    "A span has an id, a step from 1 and names up to 200 characters.");
        }
        text(span.id());
        text(span.name());
        text(span.outcome());
        Span.Words words = span.words();
        if (words != null) {
            if (words.input().length() > WORDS || words.output().length() > WORDS) {
                throw new ProblemException(
                        ErrorCode.TOO_LARGE, "A span's words have at most 8000 characters.");
            }
            text(words.input());
            text(words.output());
        }
    }

    private static void text(String text) {
        if (text.indexOf('\0') >= 0) {
            throw new ProblemException(ErrorCode.INVALID_TEXT, "A trace has no NUL.");
        }
    }
}
