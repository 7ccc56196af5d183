package dev.tendril.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.run.Checkpoint;
import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.worker.relay.ModelDouble;
import dev.tendril.worker.relay.RelayDouble;
import dev.tendril.worker.relay.Wire;
import dev.tendril.worker.tool.mcp.McpApprovals;
import dev.tendril.worker.tool.mcp.McpOffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// A turn of ten steps whose worker is killed with -9 in each of them: by turns as soon as the tool
/// has taken effect, which the relay then knows nothing of, and as soon as its answer is stored.
/// The tool is a program of its own that writes down each call, so it is what counts.
@Tag("nightly") // eleven starts of a worker
@EnabledOnOs(OS.LINUX)
class KilledStepsTest {
    private static final int STEPS = 10;
    private static final Duration SOON = Duration.ofSeconds(30);

    /// A whole MCP server in a shell, so that starting it eleven times costs nothing.
    private static final String SERVER =
            """
            #!/bin/sh
            while read -r line; do
              id=$(printf '%s' "$line" | sed -n 's/.*"id":\\("[^"]*"\\|[0-9]*\\).*/\\1/p')
              case $line in
                *'"initialize"'*)
                  version=$(printf '%s' "$line" | sed 's/.*"protocolVersion":"\\([^"]*\\)".*/\\1/')
                  result='{"protocolVersion":"'$version'","capabilities":{"tools":{}},"serverInfo":{"name":"c","version":"1"}}' ;;
                *'"tools/list"'*)
                  result='{"tools":[{"name":"pay","description":"Pays.","inputSchema":{"type":"object"}}]}' ;;
                *'"tools/call"'*)
                  printf '%s' "$line" | sed 's/.*"n":\\([0-9]*\\).*/\\1/' >> "$COUNT"
                  echo >> "$COUNT"
                  result='{"content":[{"type":"text","text":"paid"}],"isError":false}' ;;
                *) result='{}' ;;
              esac
              [ -z "$id" ] || echo '{"jsonrpc":"2.0","id":'$id',"result":'$result'}'
            done
            """;

    private final RelayDouble relay = new RelayDouble();
    private final ModelDouble server = new ModelDouble();
    private final List<Process> processes = new ArrayList<>();
    @TempDir private Path dir;

    @AfterEach
    void close() throws Exception {
        for (Process process : processes) {
            process.destroyForcibly();
            process.waitFor(5, TimeUnit.SECONDS);
        }
        relay.close();
        server.close();
    }

    private Process worker() throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(List.of("run", "--relay", relay.uri().toString()));
        command.addAll(List.of("--token-file", dir.resolve("token").toString()));
        command.addAll(List.of("--data-dir", dir.resolve("data").toString()));
        // One run at a time, so that no parked claim of a dead worker takes the next one.
        command.addAll(List.of("--model-url", server.url(), "--model", "m", "--concurrency", "1"));
        var builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(name -> name.startsWith("TENDRIL_"));
        Process process =
                builder.redirectErrorStream(true)
                        .redirectOutput(
                                ProcessBuilder.Redirect.appendTo(dir.resolve("log").toFile()))
                        .start();
        processes.add(process);
        return process;
    }

    private void set(Path file, String text, String mode) throws IOException {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }

    private void house() throws IOException {
        Path data = dir.resolve("data");
        Files.createDirectory(
                data,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        set(dir.resolve("token"), RelayDouble.TOKEN, "rw-------");
        set(dir.resolve("server"), SERVER, "rwx------");
        set(
                data.resolve("worker.yml"),
                "mcp: {till: {command: [%s], env: {COUNT: %s}, writes: false, outside: false}}"
                        .formatted(dir.resolve("server"), dir.resolve("count")),
                "rw-------");
        set(
                data.resolve("policy.yml"),
                "roles: {visitor: {tools: [mcp_till_pay], budget: {steps: 12, calls: 20}}}",
                "rw-------");
        McpApprovals approvals = McpApprovals.load(data.resolve("mcp-approved.json"));
        approvals.approve("till", List.of(new McpOffer("pay", "Pays.", Map.of("type", "object"))));
        approvals.store();
    }

    /// Asks for the next payment until ten were answered, whatever the answers say.
    private static void answer(ModelDouble.Exchange call) throws IOException {
        int answered = call.request().split("\"role\":\"tool\"", -1).length - 1;
        if (answered == STEPS) {
            call.say("All paid.");
            return;
        }
        String n = Integer.toString(answered + 1);
        call.begin();
        call.data(
                ModelDouble.chunk(
                        "{\"tool_calls\":[{\"index\":0,\"id\":\"c"
                                + n
                                + "\",\"function\":{\"name\":\"mcp_till_pay\",\"arguments\":\"{\\\"n\\\":"
                                + n
                                + "}\"}}]}",
                        "tool_calls"));
        call.data("[DONE]");
    }

    private void await(String what, BooleanSupplier condition) throws IOException {
        try {
            Wire.await(SOON, what, condition);
        } catch (AssertionError e) {
            throw new AssertionError(
                    e.getMessage() + "\n" + Files.readString(dir.resolve("log")), e);
        }
    }

    private List<String> payments() {
        Path file = dir.resolve("count");
        try {
            return Files.exists(file)
                    ? Files.readAllLines(file).stream().filter(line -> !line.isBlank()).toList()
                    : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean answered(ClaimedRun run, int step) {
        List<Checkpoint> stored = relay.checkpoints(run.runId());
        return !stored.isEmpty()
                && stored.getLast().state().split("\"role\":\"tool\"", -1).length - 1 >= step;
    }

    @Test
    void noToolWithEffectsRunsTwice() throws Exception {
        house();
        server.then(KilledStepsTest::answer);
        ClaimedRun run = relay.ask("Pay all ten.");
        for (int step = 1; step <= STEPS; step++) {
            int now = step;
            ClaimedRun current = run;
            Process worker = worker();
            await("payment " + step, () -> payments().size() >= now);
            if (step % 2 == 0) {
                await("answer " + step, () -> answered(current, now));
            }
            worker.destroyForcibly();
            assertTrue(worker.waitFor(5, TimeUnit.SECONDS));
            List<Checkpoint> stored = relay.checkpoints(current.runId());
            Checkpoint last = stored.isEmpty() ? current.checkpoint() : stored.getLast();
            run = relay.ask(current.history(), last, step + 1, true);
        }
        worker();
        long last = run.runId();
        await("the end", () -> relay.state(last).equals("done"));
        assertTrue(relay.text(last).endsWith("All paid."), relay.text(last));
        assertEquals(
                IntStream.rangeClosed(1, STEPS).mapToObj(Integer::toString).toList(), payments());
    }
}
