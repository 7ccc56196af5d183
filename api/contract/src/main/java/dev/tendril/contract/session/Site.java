package dev.tendril.contract.session;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tendril.contract.chat.Presence;
import io.micronaut.serde.annotation.Serdeable;
import org.jspecify.annotations.Nullable;

/// What anybody may know of a site before signing in.
///
/// @param site the workspace's slug
/// @param title shown in the header
/// @param greeting shown above an empty chat
/// @param messageChars longest message, in Unicode code points
/// @param worker who would answer
/// @param mail whether chats can be sent by e-mail
/// @param consent what a visitor must agree to before they chat; null asks for nothing
@Serdeable
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Site(
        String site,
        String title,
        @Nullable String greeting,
        int messageChars,
        Presence worker,
        boolean mail,
        @Nullable Consent consent) {

    /// @param version rises with each new text
    /// @param text plain, 1 to 4,000 characters
    @Serdeable
    public record Consent(int version, String text) {}
}
