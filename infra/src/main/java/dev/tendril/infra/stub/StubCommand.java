package dev.tendril.infra.stub;

import static java.util.Objects.requireNonNull;

import dev.tendril.infra.json.Json;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Runs the stub as a process until it is killed.
@Command(
        name = "stub",
        mixinStandardHelpOptions = true,
        description = {
            "An OpenAI-compatible model server for tests, on loopback.",
            "Prints one JSON line when it is ready: url, baseUrl, pid."
        })
public final class StubCommand implements Callable<Integer> {
    @Option(names = "--port", defaultValue = "0", description = "TCP port, 0 for any free one.")
    private int port;

    @Parameters(
            arity = "0..*",
            paramLabel = "SETTING",
            description =
                    "How it answers, e.g. deltas=50 delay=20 first=300 reasoning=3 stamp"
                            + " fault=hang_mid_stream after=5 times=2 retry-after=1 tool=clock.")
    private List<String> settings = List.of();

    @Spec private @Nullable CommandSpec spec;

    /// For picocli.
    public StubCommand() {}

    @Override
    public Integer call() throws Exception {
        StubPlan plan = StubPlan.plain().with(String.join(" ", settings));
        try (var server = StubServer.start(port, plan)) {
            PrintWriter out = requireNonNull(spec).commandLine().getOut();
            out.println(
                    new String(
                            Json.bytes(
                                    Json.object(
                                            "url",
                                            server.url().toString(),
                                            "baseUrl",
                                            server.url() + "/v1",
                                            "pid",
                                            ProcessHandle.current().pid())),
                            StandardCharsets.UTF_8));
            out.flush();
            new CountDownLatch(1).await();
        }
        return 0;
    }
}
