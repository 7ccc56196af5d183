package dev.tendril.worker;

import dev.tendril.contract.channel.StreamKind;
import dev.tendril.contract.run.LeaseCall;
import dev.tendril.worker.auth.WorkerKey;
import dev.tendril.worker.channel.StreamHandler;
import dev.tendril.worker.chat.Persona;
import dev.tendril.worker.chat.TurnLimits;
import dev.tendril.worker.chat.TurnRunner;
import dev.tendril.worker.chat.TurnTools;
import dev.tendril.worker.cli.CannotStart;
import dev.tendril.worker.cli.Exit;
import dev.tendril.worker.cli.Settings;
import dev.tendril.worker.cli.WorkerStart;
import dev.tendril.worker.config.BadFile;
import dev.tendril.worker.content.StarterContent;
import dev.tendril.worker.link.CallRefused;
import dev.tendril.worker.link.Credentials;
import dev.tendril.worker.link.RelayLink;
import dev.tendril.worker.policy.BadPolicy;
import dev.tendril.worker.policy.Policy;
import dev.tendril.worker.policy.PolicyFile;
import dev.tendril.worker.policy.Role;
import dev.tendril.worker.run.ClaimLoop;
import dev.tendril.worker.run.Self;
import dev.tendril.worker.sync.ContentSync;
import dev.tendril.worker.terminal.session.TerminalStreams;
import dev.tendril.worker.terminal.session.Terminals;
import dev.tendril.worker.tool.Tool;
import dev.tendril.worker.tool.ToolBox;
import dev.tendril.worker.tool.mcp.McpApprovals;
import dev.tendril.worker.tool.mcp.McpTools;
import dev.tendril.worker.tool.web.SiteFetcher;
import io.micronaut.json.JsonMapper;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Puts a worker together from its parts and runs it.
@Singleton
final class Worker implements WorkerStart {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

    private final JsonMapper json;

    Worker(JsonMapper json) {
        this.json = json;
    }

    @Override
    public int run(Settings settings) throws CannotStart {
        WorkerKey key = prepare(settings);
        Path content = content(settings);
        WorkerFile file = file(settings);
        Policy policy = policy(settings);
        Answerers model = answerers(settings, file, policy, content);
        McpTools mcp = mcp(settings, file);
        var relayLink =
                new RelayLink(
                        settings.relay(),
                        http(),
                        json,
                        new Credentials(
                                settings.token(),
                                key,
                                model.announcement(),
                                InstantSource.system()));
        model.announceTo(relayLink);
        var turns =
                new TurnRunner(
                        model.visitors(),
                        tools(settings, policy, toolset(settings, content), mcp, file),
                        new Persona(persona(settings)),
                        TurnLimits.DEFAULT.withHistory(settings.limits().historyChars()),
                        json,
                        (run, url) ->
                                relayLink.image(run.runId(), new LeaseCall(run.leaseToken()), url));
        var loop =
                new ClaimLoop(
                        relayLink,
                        turns,
                        settings.limits().concurrency(),
                        new Self(model.instance(), () -> model.offers(settings.offers())));
        new ContentSync(content, settings.dataDir(), new SiteFetcher()).schedule(file.sync());
        try (Terminals terminals = new Terminals(settings.dataDir(), System.getenv());
                TerminalReports _ = new TerminalReports(terminals, relayLink);
                OperatorSide _ =
                        OperatorSide.start(
                                settings.dataDir(),
                                settings.relay(),
                                http(),
                                relayLink,
                                streams(terminals))) {
            terminals.find();
            return claim(loop, settings);
        } catch (IOException e) {
            throw new CannotStart(
                    Exit.DATA, "The channel's key cannot be used: " + e.getMessage() + ".");
        } finally {
            mcp.close();
        }
    }

    private static McpTools mcp(Settings settings, WorkerFile file) throws CannotStart {
        try {
            return new McpTools(
                    file.mcp(), McpApprovals.load(settings.dataDir().resolve(McpTools.APPROVALS)));
        } catch (IOException e) {
            throw new CannotStart(
                    Exit.DATA,
                    "The approvals of MCP tools cannot be read: " + e.getMessage() + ".");
        }
    }

    /// What devices may open.
    private static Map<StreamKind, StreamHandler> streams(Terminals terminals) {
        TerminalStreams streams = new TerminalStreams(terminals);
        return Map.of(
                StreamKind.OPERATOR,
                streams.requests(),
                StreamKind.TERMINAL,
                streams.attachments());
    }

    private static WorkerFile file(Settings settings) throws CannotStart {
        try {
            return WorkerFile.load(settings.config(), System.getenv());
        } catch (BadFile e) {
            throw new CannotStart(Exit.USAGE, String.valueOf(e.getMessage()));
        }
    }

    private static Policy policy(Settings settings) throws CannotStart {
        try {
            Path given = settings.site().policy();
            Policy policy =
                    PolicyFile.load(
                            given == null ? settings.dataDir().resolve(Toolset.POLICY) : given);
            LOG.info("Tools are bounded by {}", policy.origin());
            return policy;
        } catch (BadPolicy e) {
            throw new CannotStart(Exit.USAGE, String.valueOf(e.getMessage()));
        }
    }

    private Answerers answerers(Settings settings, WorkerFile file, Policy policy, Path content)
            throws CannotStart {
        try {
            return new Answerers(settings, file, policy, content, http(), json);
        } catch (BadFile e) {
            throw new CannotStart(
                    Exit.USAGE, "The policy asks for a model that is not there: " + e.getMessage());
        }
    }

    private static Toolset toolset(Settings settings, Path content) {
        return new Toolset(settings.dataDir(), content, settings.site().search());
    }

    /// A model that does not ask for tools, as the guide, is none the worse for having them.
    private static TurnTools tools(
            Settings settings, Policy policy, Toolset toolset, McpTools mcp, WorkerFile file)
            throws CannotStart {
        try {
            List<Tool> tools = new ArrayList<>(toolset.of(policy));
            tools.addAll(mcp.all());
            return new TurnTools(
                    new ToolBox(tools, policy, Role.VISITOR, file.hooks()),
                    InstantSource.system(),
                    file.build());
        } catch (IOException e) {
            throw new CannotStart(
                    Exit.DATA, "The tools' folders in " + settings.dataDir() + " cannot be read.");
        }
    }

    private static int claim(ClaimLoop loop, Settings settings) throws CannotStart {
        var ending = new Ending(loop, settings.limits().drain());
        ending.onShutdown();
        Long parent = settings.limits().parentPid();
        if (parent != null) {
            ParentWatch.start(parent, ending::exit);
        }
        try {
            loop.run();
            return Exit.OK;
        } catch (CallRefused e) {
            LOG.error("The relay does not accept this worker: {}", e.getMessage());
            throw new CannotStart(
                    Exit.REFUSED,
                    "The relay does not accept this worker's "
                            + (e.status() == 401 ? "token" : "key")
                            + "; make a new one there.");
        } finally {
            ending.over();
        }
    }

    private static WorkerKey prepare(Settings settings) throws CannotStart {
        Path dataDir = settings.dataDir();
        try {
            if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
                var ownerOnly = PosixFilePermissions.fromString("rwx------");
                Files.createDirectories(dataDir, PosixFilePermissions.asFileAttribute(ownerOnly));
            } else {
                Files.createDirectories(dataDir);
            }
            if (settings.site().persona() == null) {
                Persona.provide(persona(settings));
            }
            if (settings.site().content() == null) {
                StarterContent.provide(content(settings));
            }
            return WorkerKey.load(dataDir);
        } catch (IOException e) {
            LOG.debug("The data directory cannot be used", e);
            throw new CannotStart(
                    Exit.DATA, "The data directory " + dataDir + " cannot be used (" + e + ").");
        }
    }

    private static Path content(Settings settings) {
        Path given = settings.site().content();
        return given == null ? settings.dataDir().resolve("content") : given;
    }

    private static Path persona(Settings settings) {
        Path given = settings.site().persona();
        return given == null ? settings.dataDir().resolve("persona.md") : given;
    }

    /// HTTP/1.1, since every proxy between here and there knows it; redirects are not followed, so
    /// that a credential goes nowhere else.
    private static HttpClient http() {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(CONNECT_TIMEOUT)
                .executor(Executors.newVirtualThreadPerTaskExecutor())
                .build();
    }
}
