package dev.tendril.relay.mail;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tendril.relay.stage.Stage;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Starts and stops a [PostOffice], and reads what it took.
final class PostOfficeProcess implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Path directory;
    private final int port;
    private @Nullable Process process;

    /// With a certificate of its own for `localhost`.
    PostOfficeProcess() {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            directory = Files.createTempDirectory("tendril-mail-");
            Files.writeString(directory.resolve("password"), PostOffice.PASSWORD + "\n");
            port = socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String[] store = {
            "-alias",
            "post",
            "-keystore",
            keys().toString(),
            "-storepass",
            PostOffice.STORE_PASSWORD
        };
        keytool(
                store,
                "-genkeypair",
                "-keyalg",
                "EC",
                "-storetype",
                "PKCS12",
                "-dname",
                "CN=localhost",
                "-ext",
                "san=dns:localhost",
                "-validity",
                "3");
        keytool(store, "-exportcert", "-rfc", "-file", certificate().toString());
    }

    int port() {
        return port;
    }

    /// In PEM.
    Path certificate() {
        return directory.resolve("post.pem");
    }

    /// A file with what signs in.
    Path password() {
        return directory.resolve("password");
    }

    void open() {
        try {
            process =
                    new ProcessBuilder(
                                    java("java"),
                                    "-XX:+UseSerialGC",
                                    "-XX:TieredStopAtLevel=1",
                                    "-Xmx64m",
                                    "-cp",
                                    System.getProperty("java.class.path"),
                                    PostOffice.class.getName(),
                                    Integer.toString(port),
                                    directory.toString(),
                                    keys().toString())
                            .redirectError(directory.resolve("post.log").toFile())
                            .start();
            var said =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))
                            .readLine();
            if (!"open".equals(said)) {
                throw new IllegalStateException(
                        "the post office does not open: "
                                + Files.readString(directory.resolve("post.log")));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Kills it.
    @Override
    public void close() {
        if (process != null) {
            process.destroyForcibly();
            try {
                process.waitFor(10, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /// @param mood as [PostOffice] tells; empty takes everything
    void mood(String mood) {
        try {
            Path draft = Files.writeString(directory.resolve("mood.tmp"), mood);
            Files.move(
                    draft, directory.resolve("mood"), java.nio.file.StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// How often it refused a letter.
    int refusals() {
        return files(".count").size();
    }

    /// The letters to an address, oldest first.
    List<MimeMessage> letters(String address) {
        List<MimeMessage> letters = new ArrayList<>();
        for (Path file : files(".eml")) {
            try (InputStream in = Files.newInputStream(file)) {
                var letter = new MimeMessage(Session.getInstance(new Properties()), in);
                if (letter.getHeader("X-Envelope-To", null).equals(address)) {
                    letters.add(letter);
                }
            } catch (IOException | MessagingException e) {
                throw new IllegalStateException(e);
            }
        }
        return letters;
    }

    /// The letter of this number to an address, from 1; waits for it.
    MimeMessage letter(String address, int number) {
        Stage.await(
                "letter " + number + " to " + address,
                PATIENCE,
                () -> letters(address).size() >= number);
        return letters(address).get(number - 1);
    }

    private List<Path> files(String end) {
        try (var all = Files.list(directory)) {
            return all.filter(file -> file.toString().endsWith(end))
                    .sorted(Comparator.comparing(Path::toString))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path keys() {
        return directory.resolve("post.p12");
    }

    private static String java(String program) {
        return Path.of(System.getProperty("java.home"), "bin", program).toString();
    }

    private static void keytool(String[] store, String... arguments) {
        List<String> command = new ArrayList<>(List.of(java("keytool")));
        command.addAll(List.of(arguments));
        command.addAll(List.of(store));
        try {
            Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(keytool.getInputStream().readAllBytes(), UTF_8);
            if (keytool.waitFor() != 0) {
                throw new IllegalStateException(said);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String toString() {
        return Objects.toString(process);
    }
}
