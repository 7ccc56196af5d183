package dev.tendril.relay.cli;

import dev.tendril.service.proxy.Endpoint;
import dev.tendril.service.proxy.EndpointStore;
import dev.tendril.service.run.Operator;
import dev.tendril.service.run.QueueRules;
import dev.tendril.service.workspace.WorkspaceStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `relay workspace`.
@Command(
        name = "workspace",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description =
                "Makes, sets and lists workspaces: each is one site with its own chats and workers.")
final class WorkspaceCommand {

    private static final Pattern SLUG = Pattern.compile("[a-z0-9][a-z0-9-]{0,39}");
    private static final int MOST_ENDPOINTS = 16;
    private static final int TITLE_CHARS = 120;
    private static final int GREETING_CHARS = 2000;
    private static final int CONSENT_CHARS = 4000;
    private static final int RETAIN_DAYS = 3650;

    @Command(
            name = "create",
            mixinStandardHelpOptions = true,
            description = "Makes a workspace; visitors open it at /c/SITE.")
    int create(
            @Mixin DataDirOption dataDir,
            @Parameters(
                            paramLabel = "SITE",
                            description = "1 to 40 of a-z, 0-9 and -, such as home")
                    String site,
            @Option(
                            names = "--title",
                            required = true,
                            description = "shown above the chat, 1 to 120 characters")
                    String title,
            @Option(
                            names = "--greeting",
                            description = "shown in an empty chat, up to 2,000 characters")
                    @Nullable String greeting,
            @Mixin QueueOptions queue) {
        QueueRules rules = queue.over(QueueRules.DEFAULT);
        if (!SLUG.matcher(site).matches()) {
            throw new RelayFailure("A site's name is 1 to 40 of a-z, 0-9 and -.");
        }
        if (title.isBlank() || title.length() > TITLE_CHARS) {
            throw new RelayFailure("A title has 1 to " + TITLE_CHARS + " characters.");
        }
        if (greeting != null && greeting.length() > GREETING_CHARS) {
            throw new RelayFailure("A greeting has at most " + GREETING_CHARS + " characters.");
        }
        try (House house = House.forCommand(dataDir.path())) {
            if (!house.bean(WorkspaceStore.class).insert(site, title, greeting)) {
                throw new RelayFailure("There is a site " + site + " already.");
            }
            if (queue.given()) {
                house.bean(Operator.class).set(find(house, site).id(), rules);
            }
            System.out.println("/c/" + site);
        }
        return 0;
    }

    @Command(
            name = "retain",
            mixinStandardHelpOptions = true,
            description =
                    "Sets after how many days without a message a chat is deleted (90 at first).")
    int retain(
            @Mixin DataDirOption dataDir,
            @Parameters(paramLabel = "SITE", description = "such as home") String site,
            @Parameters(paramLabel = "DAYS", description = "1 to 3650") int days) {
        if (days < 1 || days > RETAIN_DAYS) {
            throw new RelayFailure("DAYS is 1 to " + RETAIN_DAYS + ".");
        }
        try (House house = House.forCommand(dataDir.path())) {
            if (!house.bean(WorkspaceStore.class).retain(site, days)) {
                throw new RelayFailure("There is no site " + site + ".");
            }
        }
        return 0;
    }

    @Command(
            name = "set",
            mixinStandardHelpOptions = true,
            description = {
                "Changes how a workspace's runs are queued, also of those that wait already, and which"
                        + " models visitors may bring; what is not given stays. Prints the"
                        + " settings.",
                ""
            })
    int set(
            @Mixin DataDirOption dataDir,
            @Parameters(paramLabel = "SITE", description = "its name in /c/SITE") String site,
            @Option(
                            names = "--own-models",
                            paramLabel = "URLS",
                            description =
                                    "endpoints that visitors may use with keys of their own, such"
                                            + " as https://api.example.org/v1, with commas between;"
                                            + " none for no such thing")
                    @Nullable String ownModels,
            @Mixin QueueOptions queue) {
        queue.over(QueueRules.DEFAULT);
        List<String> endpoints = ownModels == null ? null : endpoints(ownModels);
        try (House house = House.forCommand(dataDir.path())) {
            UUID workspace = find(house, site).id();
            EndpointStore allowed = house.bean(EndpointStore.class);
            if (endpoints != null) {
                allowed.allow(workspace, endpoints);
            }
            Operator operator = house.bean(Operator.class);
            QueueRules rules = queue.over(operator.rules(workspace));
            if (queue.given()) {
                operator.set(workspace, rules);
            }
            System.out.println(
                    "max-running\t" + (rules.maxRunning() == null ? "none" : rules.maxRunning()));
            System.out.println(
                    "needs\t"
                            + (rules.needs().isEmpty() ? "none" : String.join(",", rules.needs())));
            System.out.println("priority\t" + rules.priority());
            List<String> now = allowed.allowed(workspace);
            System.out.println("own-models\t" + (now.isEmpty() ? "none" : String.join(",", now)));
        }
        return 0;
    }

    @Command(
            name = "consent",
            mixinStandardHelpOptions = true,
            description = {
                "Sets what a site's visitors must agree to before they write. A new text is a new"
                        + " version, and everybody is asked again, also who is in the chat already.",
                "Without a file it changes nothing. Prints the version and the text.",
                ""
            })
    int consent(
            @Mixin DataDirOption dataDir,
            @Parameters(paramLabel = "SITE", description = "such as home") String site,
            @Parameters(
                            arity = "0..1",
                            paramLabel = "FILE",
                            description = "the text, 1 to 4,000 characters in UTF-8")
                    @Nullable Path file,
            @Option(names = "--off", description = "ask for nothing any more") boolean off) {
        String text = file == null ? null : read(file);
        try (House house = House.forCommand(dataDir.path())) {
            find(house, site);
            if (off || text != null) {
                house.bean(WorkspaceStore.class).consent(site, off ? null : text);
            }
            var consent = find(house, site).consent();
            System.out.println(
                    consent == null ? "none" : consent.version() + "\t" + consent.text());
        }
        return 0;
    }

    private static String read(Path file) {
        try {
            String text = Files.readString(file).strip();
            if (text.isEmpty() || text.length() > CONSENT_CHARS || text.indexOf('\0') >= 0) {
                throw new RelayFailure("A consent text has 1 to " + CONSENT_CHARS + " characters.");
            }
            return text;
        } catch (IOException e) {
            throw new RelayFailure("Cannot read " + file + " as text.", e);
        }
    }

    private static List<String> endpoints(String given) {
        if (given.equals("none")) {
            return List.of();
        }
        List<String> endpoints =
                Stream.of(given.split(",", -1))
                        .map(text -> text.strip().replaceFirst("/+$", ""))
                        .toList();
        if (endpoints.size() > MOST_ENDPOINTS
                || endpoints.stream().anyMatch(text -> Endpoint.parse(text) == null)) {
            throw new RelayFailure(
                    "--own-models is up to 16 addresses such as https://api.example.org/v1, without"
                            + " user, query or fragment, with commas between.");
        }
        return endpoints;
    }

    private static WorkspaceStore.Workspace find(House house, String site) {
        WorkspaceStore.Workspace workspace = house.bean(WorkspaceStore.class).find(site);
        if (workspace == null) {
            throw new RelayFailure("There is no site " + site + ".");
        }
        return workspace;
    }

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "Lists all workspaces: site and title.")
    int list(@Mixin DataDirOption dataDir) {
        try (House house = House.forCommand(dataDir.path())) {
            for (var workspace : house.bean(WorkspaceStore.class).list()) {
                System.out.println(workspace.slug() + "\t" + workspace.title());
            }
        }
        return 0;
    }
}
