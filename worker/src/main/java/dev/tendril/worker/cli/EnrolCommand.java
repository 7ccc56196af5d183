package dev.tendril.worker.cli;

import dev.tendril.contract.channel.PairingLink;
import dev.tendril.worker.attach.CannotConnect;
import dev.tendril.worker.attach.Enrolment;
import dev.tendril.worker.attach.RelayDialer;
import jakarta.inject.Singleton;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `tendril worker enrol`: the device's side of a pairing.
@Singleton
@Command(
        name = "enrol",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        usageHelpWidth = 96,
        description = {
            "Makes this machine a device of a worker. Asks for the link that `tendril worker pair`"
                    + " shows (it is a secret, so never an argument), shows digits to compare, and"
                    + " keeps a key here.",
            ""
        })
public final class EnrolCommand implements Callable<Integer> {
    private Map<String, String> environment = System.getenv();
    private InputStream stdin = System.in;

    @Spec @Nullable CommandSpec spec;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            required = true,
            description = "how the worker lists this device, such as laptop")
    String name = "";

    @Option(
            names = "--device-dir",
            paramLabel = "DIR",
            description =
                    "where this device keeps its keys (default: .tendril/device in your home)")
    @Nullable String deviceDir;

    /// Another world than the process's own, for tests.
    void world(Map<String, String> variables, InputStream input) {
        environment = variables;
        stdin = input;
    }

    @Override
    public Integer call() throws CannotStart {
        CommandSpec me = spec;
        if (me == null) {
            throw new IllegalStateException("not made by picocli");
        }
        PrintWriter out = me.commandLine().getOut();
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,63}")) {
            throw new ParameterException(
                    me.commandLine(), "--name takes 1 to 64 of A-Z a-z 0-9 . _ -");
        }
        Path folder = folder(environment, deviceDir);
        try {
            out.print("The link: ");
            out.flush();
            PairingLink link = link().orElse(null);
            if (link == null) {
                throw new CannotStart(
                        Exit.USAGE, "That is no pairing link: it begins with tendril:pair#pair=");
            }
            try (HttpClient http = http()) {
                Enrolment.run(
                        link,
                        name,
                        new RelayDialer(http, link.address().relay(), link.address().worker()),
                        InstantSource.system(),
                        (digits, fingerprint) -> {
                            out.println("Compare with the worker, then answer there:");
                            out.println("  digits       " + digits);
                            out.println("  fingerprint  " + fingerprint);
                            out.flush();
                        },
                        profile -> profile.save(folder, name));
            }
            out.println("Enrolled. The keys are in " + folder.resolve(name + ".json") + ".");
            out.flush();
            return Exit.OK;
        } catch (CannotConnect e) {
            throw new CannotStart(Exit.REFUSED, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw new CannotStart(Exit.DATA, "The keys cannot be kept: " + e.getMessage() + ".");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Exit.BROKEN;
        }
    }

    /// HTTP/1.1 and no redirects, as the worker's own.
    static HttpClient http() {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
    }

    static Path folder(Map<String, String> environment, @Nullable String given) {
        String dir = given == null ? environment.get("TENDRIL_DEVICE_DIR") : given;
        return dir == null
                ? WorkerFolder.home(environment).resolve("device")
                : Path.of(dir).toAbsolutePath();
    }

    private Optional<PairingLink> link() throws IOException {
        String line =
                new BufferedReader(new InputStreamReader(stdin, StandardCharsets.UTF_8)).readLine();
        String text = line == null ? "" : line.strip();
        return PairingLink.parse(text.substring(text.indexOf('#') + 1));
    }
}
