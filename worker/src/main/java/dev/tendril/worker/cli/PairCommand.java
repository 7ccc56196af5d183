package dev.tendril.worker.cli;

import dev.tendril.worker.channel.DeviceFile;
import dev.tendril.worker.local.ControlSocket;
import dev.tendril.worker.local.Talk;
import jakarta.inject.Singleton;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `tendril worker pair`.
@Singleton
@Command(
        name = "pair",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        usageHelpWidth = 96,
        description = {
            "Lets a device of yours in: shows a link, once, for ten minutes and one use. Take it to"
                    + " the device with `tendril worker enrol`, compare the digits that both show,"
                    + " and agree here.",
            "",
            "The worker must be running. Whoever has the link can ask, only your answer here lets"
                    + " them in.",
            ""
        })
public final class PairCommand implements Callable<Integer> {
    private InputStream stdin = System.in;

    @Spec @Nullable CommandSpec spec;

    @Mixin WorkerFolder folder = new WorkerFolder();

    @Option(
            names = "--scopes",
            paramLabel = "LIST",
            defaultValue = "chat,trace,terminal",
            description =
                    "what the device may do: chat, trace, terminal, admin (default ${DEFAULT-VALUE})")
    String scopes = "chat,trace,terminal";

    @Option(names = "--no-qr", description = "the link alone, without its picture")
    boolean noQr;

    /// Another standard input than the process's own, for tests.
    void world(Map<String, String> variables, InputStream input) {
        folder.world(variables);
        stdin = input;
    }

    @Override
    public Integer call() throws CannotStart {
        CommandSpec me = spec;
        if (me == null) {
            throw new IllegalStateException("not made by picocli");
        }
        try {
            DeviceFile.scopes(scopes);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(me.commandLine(), e.getMessage(), e);
        }
        PrintWriter out = me.commandLine().getOut();
        try (Talk talk = ControlSocket.connect(folder.path())) {
            talk.say(Map.of("do", "pair", "scopes", scopes));
            return converse(talk, out);
        } catch (IOException e) {
            throw new CannotStart(
                    Exit.DATA,
                    "No worker runs with the data directory "
                            + folder.path()
                            + "; start it with tendril worker run.");
        }
    }

    private int converse(Talk talk, PrintWriter out) throws IOException {
        Map<String, @Nullable Object> said = talk.hear();
        while (said != null) {
            if (said.get("link") instanceof String link) {
                show(out, link);
            } else if (said.get("digits") instanceof String digits) {
                out.println();
                out.println("A device calls itself  " + said.get("label"));
                out.println("Its key's fingerprint  " + said.get("fingerprint"));
                out.println("The digits             " + digits);
                out.print("Does the device show the same digits? Let it in? [y/N] ");
                out.flush();
                talk.say(Map.of("agree", yes()));
            } else if (said.get("enrolled") instanceof String id) {
                out.println(
                        "Enrolled as " + id + " (" + said.get("label") + ") for " + scopes + ".");
                return Exit.OK;
            } else {
                out.println(said.getOrDefault("failed", "It came to nothing."));
                return Exit.BROKEN;
            }
            said = talk.hear();
        }
        out.println("The worker ended the pairing; nobody was let in.");
        return Exit.BROKEN;
    }

    private void show(PrintWriter out, String link) {
        if (!noQr) {
            out.print(QrCode.of(link));
        }
        out.println(link);
        out.println();
        out.println("On the device:  tendril worker enrol --name NAME   and give it this link.");
        out.println("Good for 10 minutes and one use. Waiting; Ctrl-C takes it back.");
        out.flush();
    }

    private boolean yes() throws IOException {
        String line =
                new BufferedReader(new InputStreamReader(stdin, StandardCharsets.UTF_8)).readLine();
        return line != null && line.strip().toLowerCase(java.util.Locale.ROOT).startsWith("y");
    }
}
