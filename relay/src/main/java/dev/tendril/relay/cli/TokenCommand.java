package dev.tendril.relay.cli;

import dev.tendril.service.worker.WorkerStore;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `relay token`.
@Command(
        name = "token",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description = "Makes, lists and revokes worker tokens: what a worker comes in with.")
final class TokenCommand {

    private static final int NAME_CHARS = 120;

    @Command(
            name = "create",
            mixinStandardHelpOptions = true,
            description = {
                "Makes a worker token and prints it, once: only its hash is kept. Put it into a file"
                        + " of mode 0600 on the worker's machine.",
                "The worker's first session pins its key; from then on a copy of the token is of no"
                        + " use elsewhere."
            })
    int create(
            @Mixin DataDirOption dataDir,
            @Mixin SiteOption site,
            @Option(
                            names = "--name",
                            defaultValue = "worker",
                            description = "which machine (default worker)")
                    String name) {
        if (name.isBlank() || name.length() > NAME_CHARS) {
            throw new RelayFailure("A name has 1 to " + NAME_CHARS + " characters.");
        }
        try (House house = House.forCommand(dataDir.path())) {
            System.out.println(
                    house.bean(Provision.class).createToken(site.find(house), name).text());
        }
        return 0;
    }

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "Lists a site's workers: token id, state, name, model, last seen.")
    int list(@Mixin DataDirOption dataDir, @Mixin SiteOption site) {
        try (House house = House.forCommand(dataDir.path())) {
            for (WorkerStore.Listed worker :
                    house.bean(WorkerStore.class).list(site.find(house).id())) {
                System.out.println(
                        String.join(
                                "\t",
                                worker.tokenId(),
                                state(worker),
                                worker.name(),
                                worker.model() == null ? "-" : worker.model(),
                                worker.lastSeenAt() == null
                                        ? "never"
                                        : worker.lastSeenAt().toString()));
            }
        }
        return 0;
    }

    @Command(
            name = "revoke",
            mixinStandardHelpOptions = true,
            description = "Ends a token; its worker is refused within 5 seconds.")
    int revoke(
            @Mixin DataDirOption dataDir,
            @Mixin SiteOption site,
            @Parameters(paramLabel = "ID", description = "the 10 characters after tnd_wk_")
                    String id) {
        try (House house = House.forCommand(dataDir.path())) {
            if (!house.bean(WorkerStore.class).revoke(site.find(house).id(), id)) {
                throw new RelayFailure("This site has no usable token of that id.");
            }
        }
        return 0;
    }

    private static String state(WorkerStore.Listed worker) {
        if (worker.revokedAt() != null) {
            return "revoked";
        }
        if (worker.draining()) {
            return "draining";
        }
        return worker.pinned() ? "pinned" : "new";
    }
}
