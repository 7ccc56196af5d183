package dev.tendril.worker.tool.command;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A program to be run to its end, with no part of the worker's environment, in a session of its
/// own so that everything it starts ends with it.
///
/// @param command program and arguments; no shell
/// @param directory that it runs in
/// @param environment besides `PATH`, `HOME`, `LANG` and `TERM`
/// @param limit after which it is stopped: TERM, 2 s later KILL
/// @param outputBytes kept of each stream, head and tail
public record Program(
        List<String> command,
        Path directory,
        Map<String, String> environment,
        Duration limit,
        int outputBytes) {
    private static final String MARK = "TENDRIL_CALL";

    /// Copies list and map.
    public Program {
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
    }

    /// How it ended.
    ///
    /// @param exit its exit value; -1 when it was stopped
    /// @param timedOut whether it was stopped at its limit
    /// @param out what it wrote to its standard output
    /// @param err what it wrote to its standard error
    /// @param dropped whether something of that is missing
    /// @param ms how long it ran
    public record Ended(
            int exit, boolean timedOut, String out, String err, boolean dropped, long ms) {}

    /// Runs it.
    ///
    /// @param input for its standard input; null for none
    /// @throws IOException when it cannot be started
    /// @throws InterruptedException when the thread was interrupted; the program is gone then
    public Ended run(@Nullable String input) throws IOException, InterruptedException {
        String call = UUID.randomUUID().toString();
        Path setsid = Programs.find("setsid");
        List<String> whole = new ArrayList<>();
        if (setsid != null) {
            whole.add(setsid.toString());
        }
        whole.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(whole);
        builder.directory(directory.toFile());
        if (input == null) {
            builder.redirectInput(new File("/dev/null"));
        }
        builder.environment().clear();
        builder.environment().putAll(environment(call));
        long start = System.nanoTime();
        Process process = builder.start();
        ProcessTree tree = new ProcessTree(process, MARK + "=" + call);
        HeadTail out = new HeadTail(outputBytes);
        HeadTail err = new HeadTail(outputBytes);
        Thread outReader = Thread.ofVirtual().start(() -> out.drain(process.getInputStream()));
        Thread errReader = Thread.ofVirtual().start(() -> err.drain(process.getErrorStream()));
        if (input != null) {
            Thread.ofVirtual().start(() -> feed(process, input));
        }
        boolean ended = false;
        try {
            ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
        } finally {
            if (ended) {
                tree.killRest();
            } else {
                tree.end();
            }
        }
        outReader.join(Duration.ofSeconds(2));
        errReader.join(Duration.ofSeconds(2));
        return new Ended(
                ended ? process.exitValue() : -1,
                !ended,
                out.text(),
                err.text(),
                out.dropped() || err.dropped(),
                (System.nanoTime() - start) / 1_000_000);
    }

    private Map<String, String> environment(String call) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("PATH", String.join(":", Programs.PATH));
        all.put("HOME", "/tmp");
        all.put("LANG", "C.UTF-8");
        all.put("TERM", "dumb");
        all.putAll(environment);
        all.put(MARK, call);
        return all;
    }

    private static void feed(Process process, String input) {
        try (OutputStream in = process.getOutputStream()) {
            in.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // It does not want to read: its exit value says what it thinks.
        }
    }
}
