package dev.tendril.infra.json;

import static java.util.Objects.requireNonNull;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// How a command tells what it does and what it found: `--json`, and the two streams of whoever
/// called it. For picocli's `@Mixin`.
public final class Told {
    @Option(names = "--json", description = "Print one JSON object instead of text.")
    private boolean json;

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec command;

    /// For picocli.
    public Told() {}

    /// A line for who waits.
    public void progress(String line) {
        say(requireNonNull(command).commandLine().getErr(), line);
    }

    /// What was found.
    ///
    /// @param asJson printed with `--json`
    /// @param asText printed otherwise
    public void report(Supplier<String> asJson, Supplier<String> asText) {
        say(requireNonNull(command).commandLine().getOut(), json ? asJson.get() : asText.get());
    }

    /// The same of an object that is written as JSON as it is.
    public void found(Object report, Supplier<String> asText) {
        report(() -> new String(Json.bytes(report), StandardCharsets.UTF_8), asText);
    }

    private static void say(PrintWriter out, String line) {
        out.println(line);
        out.flush();
    }
}
