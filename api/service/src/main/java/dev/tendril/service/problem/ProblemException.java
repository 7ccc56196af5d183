package dev.tendril.service.problem;

import dev.tendril.contract.problem.ErrorCode;
import org.jspecify.annotations.Nullable;

/// An expected failure that the caller is told of. Carries no stack trace: it is an answer, no
/// fault.
public final class ProblemException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final ErrorCode code;
    private final @Nullable String detail;
    private final int retryAfterSeconds;

    /// @param detail what to do; a fixed sentence that never holds input of the caller. Not sent at
    ///   5xx
    public ProblemException(ErrorCode code, @Nullable String detail) {
        this(code, detail, code == ErrorCode.RATE_LIMITED || code == ErrorCode.UNAVAILABLE ? 1 : 0);
    }

    private ProblemException(ErrorCode code, @Nullable String detail, int retryAfterSeconds) {
        super(code.wire(), null, false, false);
        this.code = code;
        this.detail = detail;
        this.retryAfterSeconds = retryAfterSeconds;
    }

    /// `code` with nothing more to say.
    public static ProblemException of(ErrorCode code) {
        return new ProblemException(code, null);
    }

    /// A problem that says when to come back.
    ///
    /// @param retryAfterSeconds at least 1
    public static ProblemException retryLater(ErrorCode code, long retryAfterSeconds) {
        return new ProblemException(
                code, null, (int) Math.clamp(retryAfterSeconds, 1, Integer.MAX_VALUE));
    }

    /// What went wrong.
    public ErrorCode code() {
        return code;
    }

    /// What the caller can do about it.
    public @Nullable String detail() {
        return detail;
    }

    /// Seconds for `Retry-After`; 0 means none.
    public int retryAfterSeconds() {
        return retryAfterSeconds;
    }
}
