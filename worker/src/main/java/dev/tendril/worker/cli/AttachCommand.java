package dev.tendril.worker.cli;

import dev.tendril.worker.attach.Attachment;
import dev.tendril.worker.attach.CannotConnect;
import dev.tendril.worker.attach.DeviceProfile;
import dev.tendril.worker.attach.RelayDialer;
import dev.tendril.worker.attach.TextTerminal;
import dev.tendril.worker.attach.WorkerClient;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `tendril worker attach`: a worker's terminals in this terminal.
@Singleton
@Command(
        name = "attach",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        usageHelpWidth = 96,
        description = {
            "Shows a terminal session of a worker in this terminal, end-to-end encrypted through the"
                    + " relay. Without NAME it lists the sessions.",
            "",
            "A session that is not there is begun with your shell there, or with the command after --."
                    + " Ctrl-] leaves it running and comes back here.",
            ""
        })
public final class AttachCommand implements Callable<Integer> {

    @Spec @Nullable CommandSpec spec;

    @Parameters(index = "0", arity = "0..1", paramLabel = "NAME", description = "the session")
    @Nullable String name;

    @Parameters(
            index = "1..*",
            arity = "0..*",
            paramLabel = "COMMAND",
            description = "what a new session runs (default: your shell)")
    List<String> command = new ArrayList<>();

    @Option(
            names = "--device",
            paramLabel = "NAME",
            description = "which pairing (default: the only one)")
    @Nullable String device;

    @Option(
            names = "--device-dir",
            paramLabel = "DIR",
            description =
                    "where this device keeps its keys (default: .tendril/device in your home)")
    @Nullable String deviceDir;

    @Option(names = "--watch", description = "look, never type")
    boolean watch;

    @Option(names = "--close", description = "end the session and all that runs in it")
    boolean close;

    @Option(names = "--rename", paramLabel = "NEW", description = "give the session another name")
    @Nullable String rename;

    @Option(
            names = "--folder",
            paramLabel = "DIR",
            description = "where a new session begins (default: the home directory there)")
    @Nullable String folder;

    @Override
    public Integer call() throws CannotStart {
        CommandSpec me = spec;
        if (me == null) {
            throw new IllegalStateException("not made by picocli");
        }
        PrintWriter out = me.commandLine().getOut();
        try (HttpClient http = EnrolCommand.http()) {
            DeviceProfile profile = profile();
            Attachment.Connects connects =
                    () ->
                            WorkerClient.connect(
                                    profile,
                                    new RelayDialer(
                                            http,
                                            profile.address().relay(),
                                            profile.address().worker()),
                                    InstantSource.system());
            return run(connects, out);
        } catch (CannotConnect e) {
            throw new CannotStart(Exit.REFUSED, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw new CannotStart(Exit.DATA, String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Exit.BROKEN;
        }
    }

    private int run(Attachment.Connects connects, PrintWriter out)
            throws CannotConnect, IOException, InterruptedException {
        String wanted = name;
        String session = null;
        try (WorkerClient client = connects.connect()) {
            List<?> sessions =
                    client.ask(Map.of("do", "list")).get("sessions") instanceof List<?> list
                            ? list
                            : List.of();
            if (wanted == null) {
                sessions.forEach(one -> out.println(line((Map<?, ?>) one)));
                out.flush();
                return Exit.OK;
            }
            for (Object one : sessions) {
                Map<?, ?> row = (Map<?, ?>) one;
                if (wanted.equals(row.get("name")) || wanted.equals(row.get("id"))) {
                    session = String.valueOf(row.get("id"));
                }
            }
            String other = rename;
            if (close || other != null) {
                Map<String, Object> request = new LinkedHashMap<>();
                request.put("do", close ? "close" : "rename");
                request.put("session", wanted);
                if (other != null) {
                    request.put("name", other);
                }
                client.ask(request);
                return Exit.OK;
            }
        }
        try (TextTerminal terminal = TextTerminal.open()) {
            if (session == null) {
                session = create(connects, wanted, terminal.size());
            }
            int exit = new Attachment(session, watch, terminal, connects).run();
            terminal.say(exit < 0 ? "left; " + wanted + " goes on" : "ended with " + exit);
            return exit < 0 ? Exit.OK : exit;
        }
    }

    private String create(Attachment.Connects connects, String wanted, int[] size)
            throws CannotConnect, InterruptedException {
        Map<String, Object> request = new LinkedHashMap<>();
        request.put("do", "create");
        request.put("name", wanted);
        request.put("command", command);
        request.put("columns", size[0]);
        request.put("rows", size[1]);
        if (folder != null) {
            request.put("folder", folder);
        }
        try (WorkerClient client = connects.connect()) {
            return String.valueOf(client.ask(request).get("session"));
        }
    }

    private static String line(Map<?, ?> row) {
        return String.join(
                "\t",
                String.valueOf(row.get("name")),
                String.valueOf(row.get("status")),
                row.get("columns") + "x" + row.get("rows"),
                row.get("viewers") + " here",
                String.valueOf(row.get("title")));
    }

    private DeviceProfile profile() throws IOException {
        Path keys = EnrolCommand.folder(System.getenv(), deviceDir);
        List<String> names = DeviceProfile.names(keys);
        String chosen = device;
        if (chosen == null) {
            if (names.size() != 1) {
                throw new IOException(
                        names.isEmpty()
                                ? "This machine is paired with no worker; see tendril worker enrol"
                                        + " --help."
                                : "Say which pairing with --device: " + String.join(", ", names));
            }
            chosen = names.getFirst();
        } else if (!names.contains(chosen)) {
            throw new IOException("There is no pairing " + chosen + " in " + keys + ".");
        }
        return DeviceProfile.load(keys, chosen);
    }
}
