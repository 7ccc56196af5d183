package dev.tendril.relay.cli;

import dev.tendril.service.problem.ProblemException;
import dev.tendril.service.run.ListedRun;
import dev.tendril.service.run.Operator;
import dev.tendril.service.run.TracedSpan;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `relay run`.
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        description =
                "Lists, retries and cancels a site's runs: one for each turn. Shows no word of a"
                        + " visitor unless asked to with --words.")
final class RunCommand {

    private static final int MOST = 1_000;

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description =
                    "Lists runs, the latest first: id, state, attempt, created, worker, failure,"
                            + " needs.")
    int list(
            @Mixin DataDirOption dataDir,
            @Mixin SiteOption site,
            @Option(names = "--failed", description = "only those that failed") boolean failed,
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
            UUID workspace = site.find(house).id();
            for (ListedRun run : house.bean(Operator.class).list(workspace, failed, limit)) {
                System.out.println(
                        String.join(
                                "\t",
                                Long.toString(run.id()),
                                run.state().wire(),
                                Integer.toString(run.attempt()),
                                run.createdAt().toString(),
                                orDash(run.worker()),
                                orDash(run.failure()),
                                run.needs().isEmpty() ? "-" : String.join(",", run.needs())));
            }
        }
        return 0;
    }

    @Command(
            name = "show",
            mixinStandardHelpOptions = true,
            description =
                    "Shows one run, a line for each thing that is known of it, then its trace: a"
                            + " line for each model call and tool call.")
    int show(
            @Mixin DataDirOption dataDir,
            @Mixin SiteOption site,
            @Option(
                            names = "--words",
                            description = "also what went into the tools and came out of them")
                    boolean words,
            @Parameters(paramLabel = "ID", description = "as run list shows it") long id) {
        try (House house = House.forCommand(dataDir.path())) {
            ListedRun run = house.bean(Operator.class).show(site.find(house).id(), id);
            if (run == null) {
                throw unknown();
            }
            line("id", Long.toString(run.id()));
            line("state", run.state().wire());
            line("attempt", Integer.toString(run.attempt()));
            line("priority", Integer.toString(run.priority()));
            line("needs", run.needs().isEmpty() ? "-" : String.join(",", run.needs()));
            line("chat", run.streamId().toString());
            line("worker", orDash(run.worker()));
            line("failure", orDash(run.failure()));
            line("created", run.createdAt().toString());
            line("lease-until", orDash(run.leaseUntil()));
            line("ended", orDash(run.endedAt()));
            for (TracedSpan span : house.bean(Operator.class).trace(site.find(house).id(), id)) {
                TraceLines.print(span, words, System.out);
            }
        }
        return 0;
    }

    @Command(
            name = "retry",
            mixinStandardHelpOptions = true,
            description =
                    "Queues a failed or cancelled run again; only the last one of its chat can be.")
    int retry(
            @Mixin DataDirOption dataDir,
            @Mixin SiteOption site,
            @Parameters(paramLabel = "ID", description = "as run list shows it") long id) {
        change(dataDir, site, (operator, workspace) -> operator.retry(workspace, id));
        return 0;
    }

    @Command(
            name = "cancel",
            mixinStandardHelpOptions = true,
            description = "Ends a run as the visitor's stop does; the next of its chat goes on.")
    int cancel(
            @Mixin DataDirOption dataDir,
            @Mixin SiteOption site,
            @Parameters(paramLabel = "ID", description = "as run list shows it") long id) {
        change(dataDir, site, (operator, workspace) -> operator.cancel(workspace, id));
        return 0;
    }

    private static void change(DataDirOption dataDir, SiteOption site, Change change) {
        try (House house = House.forCommand(dataDir.path())) {
            change.make(house.bean(Operator.class), site.find(house).id());
        } catch (ProblemException e) {
            throw switch (e.code()) {
                case NOT_FOUND -> unknown();
                default -> new RelayFailure(String.valueOf(e.getMessage()), e);
            };
        }
    }

    private static RelayFailure unknown() {
        return new RelayFailure("This site has no run of that id.");
    }

    private static void line(String name, String value) {
        System.out.println(name + "\t" + value);
    }

    private static String orDash(@Nullable String value) {
        return value == null ? "-" : value;
    }

    private static String orDash(@Nullable Instant value) {
        return value == null ? "-" : value.toString();
    }

    @FunctionalInterface
    private interface Change {
        void make(Operator operator, UUID workspace);
    }
}
