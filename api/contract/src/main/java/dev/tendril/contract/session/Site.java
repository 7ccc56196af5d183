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
@Serdeable
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Site(
        String site, String title, @Nullable String greeting, int messageChars, Presence worker) {}
