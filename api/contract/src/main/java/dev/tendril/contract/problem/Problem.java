package dev.tendril.contract.problem;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.micronaut.serde.annotation.Serdeable;
import org.jspecify.annotations.Nullable;

/// Body of every error answer, `application/problem+json`.
///
/// @param type always `about:blank`
/// @param title fixed per code
/// @param status HTTP status
/// @param code one of [ErrorCode], lower case
/// @param detail what to do, when there is more to say than the title; never at 5xx
/// @param requestId the id under which the log has it
@Serdeable
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Problem(
        String type,
        String title,
        int status,
        String code,
        @Nullable String detail,
        String requestId) {

    /// A problem of the given code.
    public static Problem of(ErrorCode code, @Nullable String detail, String requestId) {
        return new Problem(
                "about:blank", code.title(), code.status(), code.wire(), detail, requestId);
    }
}
