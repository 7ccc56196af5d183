package dev.tendril.relay.cli;

import dev.tendril.service.session.CodeStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `relay code`.
@Command(
        name = "code",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = "Makes, lists and revokes access codes: what a visitor types to chat.")
final class CodeCommand {

    private static final Pattern SPAN = Pattern.compile("([1-9][0-9]{0,4})([mhd])");
    private static final int LABEL_CHARS = 120;

    @Command(
            name = "create",
            mixinStandardHelpOptions = true,
            description = {
                "Makes an access code and prints it, once: only its hash is kept.",
                "Letter case and dashes do not count when it is typed."
            })
    int create(
            @Mixin DataDirOption dataDir,
            @Mixin SiteOption site,
            @Option(names = "--label", defaultValue = "", description = "for whom or what")
                    String label,
            @Option(
                            names = "--expires",
                            paramLabel = "SPAN",
                            description = "such as 30m, 12h or 90d (default: never)")
                    @Nullable String expires) {
        if (label.length() > LABEL_CHARS) {
            throw new RelayFailure("A label has at most " + LABEL_CHARS + " characters.");
        }
        Duration life = expires == null ? null : span(expires);
        try (House house = House.forCommand(dataDir.path())) {
            Instant end =
                    life == null ? null : house.bean(InstantSource.class).instant().plus(life);
            System.out.println(
                    house.bean(Provision.class).createCode(site.find(house), label, end).text());
        }
        return 0;
    }

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description =
                    "Lists a site's codes: id, state, label, created, last used. The id is the"
                            + " code's first four characters.")
    int list(@Mixin DataDirOption dataDir, @Mixin SiteOption site) {
        try (House house = House.forCommand(dataDir.path())) {
            Instant now = house.bean(InstantSource.class).instant();
            for (CodeStore.Listed code : house.bean(CodeStore.class).list(site.find(house).id())) {
                System.out.println(
                        String.join(
                                "\t",
                                code.publicId(),
                                state(code, now),
                                code.label(),
                                code.createdAt().toString(),
                                code.lastUsedAt() == null
                                        ? "never"
                                        : code.lastUsedAt().toString()));
            }
        }
        return 0;
    }

    @Command(
            name = "revoke",
            mixinStandardHelpOptions = true,
            description =
                    "Ends a code and, within 5 seconds, every session that it opened. There is no"
                            + " way back.")
    int revoke(
            @Mixin DataDirOption dataDir,
            @Mixin SiteOption site,
            @Parameters(paramLabel = "ID", description = "the code's first four characters")
                    String id) {
        try (House house = House.forCommand(dataDir.path())) {
            if (!house.bean(CodeStore.class)
                    .revoke(site.find(house).id(), id.toUpperCase(Locale.ROOT))) {
                throw new RelayFailure("This site has no usable code of that id.");
            }
        }
        return 0;
    }

    static Duration span(String text) {
        Matcher span = SPAN.matcher(text);
        if (!span.matches()) {
            throw new RelayFailure("A span is a number and m, h or d, such as 90d.");
        }
        long count = Long.parseLong(span.group(1));
        return switch (span.group(2)) {
            case "m" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            default -> Duration.ofDays(count);
        };
    }

    private static String state(CodeStore.Listed code, Instant now) {
        if (code.revokedAt() != null) {
            return "revoked";
        }
        if (code.expiresAt() == null) {
            return "usable";
        }
        return code.expiresAt().isAfter(now) ? "until " + code.expiresAt() : "expired";
    }
}
