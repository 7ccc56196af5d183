package dev.tendril.relay.cli;

import dev.tendril.service.share.ListedShare;
import dev.tendril.service.share.Shares;
import java.time.Instant;
import java.time.InstantSource;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `relay share`.
@Command(
        name = "share",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description =
                "Lists and revokes share links: what visitors made so that others can read a chat."
                        + " Shows no word of a visitor, and nothing that opens a link.")
final class ShareCommand {

    private static final int MOST = 1_000;

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description =
                    "Lists a site's links, the latest first: id, state, created, expires, chat, seq,"
                            + " with or without files.")
    int list(
            @Mixin DataDirOption dataDir,
            @Mixin SiteOption site,
            @Option(
                            names = "--limit",
                            paramLabel = "N",
                            defaultValue = "50",
                            description = "at most so many, 1 to 1000 (default 50)")
                    int limit) {
        if (limit < 1 || limit > MOST) {
            throw new RelayFailure("--limit is 1 to 1000.");
        }
        try (House house = House.forCommand(dataDir.path())) {
            Instant now = house.bean(InstantSource.class).instant();
            for (ListedShare share : house.bean(Shares.class).all(site.find(house).id(), limit)) {
                System.out.println(
                        String.join(
                                "\t",
                                share.id().toString(),
                                state(share, now),
                                share.createdAt().toString(),
                                share.expiresAt().toString(),
                                share.chatId().toString(),
                                Long.toString(share.seq()),
                                share.attachments() ? "files" : "no-files"));
            }
        }
        return 0;
    }

    @Command(
            name = "revoke",
            mixinStandardHelpOptions = true,
            description = "Ends a link at once. There is no way back.")
    int revoke(
            @Mixin DataDirOption dataDir,
            @Mixin SiteOption site,
            @Parameters(paramLabel = "ID", description = "as share list shows it") UUID id) {
        try (House house = House.forCommand(dataDir.path())) {
            if (!house.bean(Shares.class).revoke(site.find(house).id(), id)) {
                throw new RelayFailure("This site has no link of that id that still opens.");
            }
        }
        return 0;
    }

    private static String state(ListedShare share, Instant now) {
        if (share.revokedAt() != null) {
            return "revoked";
        }
        return share.expiresAt().isAfter(now) ? "open" : "expired";
    }
}
