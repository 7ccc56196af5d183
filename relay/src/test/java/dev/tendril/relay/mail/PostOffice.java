package dev.tendril.relay.mail;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.subethamail.smtp.MessageHandler;
import org.subethamail.smtp.RejectException;
import org.subethamail.smtp.auth.EasyAuthenticationHandlerFactory;
import org.subethamail.smtp.auth.LoginFailedException;
import org.subethamail.smtp.server.SMTPServer;

/// A mail server as a process of its own: asks for STARTTLS and a password, and puts what it takes
/// into a directory. A file `mood` there tells it what to do with the next letters: `451`, `550`,
/// `hang` before the text, `deaf` after it.
final class PostOffice {

    static final String USER = "tendril";
    static final String PASSWORD = "a password of the tests";
    static final String STORE_PASSWORD = "changeit";

    private static final AtomicInteger NUMBER = new AtomicInteger();

    private PostOffice() {}

    /// @param args port, directory, key store in PKCS 12
    public static void main(String[] args) throws IOException, GeneralSecurityException {
        Path directory = Path.of(args[1]);
        SMTPServer server =
                SMTPServer.port(Integer.parseInt(args[0]))
                        .bindAddress(InetAddress.getLoopbackAddress())
                        .startTlsSocketFactory(tls(Path.of(args[2])))
                        .enableTLS()
                        .requireTLS()
                        .requireAuth()
                        .authenticationHandlerFactory(
                                new EasyAuthenticationHandlerFactory((user, password, _) -> {
                                    if (!USER.equals(user) || !PASSWORD.equals(password)) {
                                        throw new LoginFailedException();
                                    }
                                }))
                        .messageHandlerFactory(_ -> new Letterbox(directory))
                        .build();
        server.start();
        System.out.println("open");
        // Ends with whoever started it.
        while (System.in.read() >= 0) {}
        System.exit(0);
    }

    private static SSLContext tls(Path store) throws IOException, GeneralSecurityException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, STORE_PASSWORD.toCharArray());
        }
        var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, STORE_PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }

    private static final class Letterbox implements MessageHandler {
        private final Path directory;
        private String to = "";

        Letterbox(Path directory) {
            this.directory = directory;
        }

        @Override
        public void from(String from) throws RejectException {
            while (mood().equals("hang")) {
                LockSupport.parkNanos(20_000_000);
            }
        }

        @Override
        public void recipient(String recipient) throws RejectException {
            to = recipient;
            String mood = mood();
            if (mood.matches("[45][0-9]{2}")) {
                count("refused");
                throw new RejectException(Integer.parseInt(mood), "Not this one");
            }
        }

        @Override
        public @Nullable String data(InputStream data) throws RejectException {
            try {
                byte[] letter = data.readAllBytes();
                int number = NUMBER.incrementAndGet();
                Path draft = Files.createTempFile(directory, "letter", ".tmp");
                Files.write(draft, ("X-Envelope-To: " + to + "\r\n").getBytes(UTF_8));
                Files.write(draft, letter, java.nio.file.StandardOpenOption.APPEND);
                Files.move(
                        draft,
                        directory.resolve(System.nanoTime() + "-" + number + ".eml"),
                        StandardCopyOption.ATOMIC_MOVE);
                while (mood().equals("deaf")) {
                    LockSupport.parkNanos(20_000_000);
                }
                return null;
            } catch (IOException e) {
                throw new RejectException(451, "No room");
            }
        }

        @Override
        public void done() {}

        private void count(String what) {
            try {
                Files.createTempFile(directory, what, ".count");
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }

        private String mood() {
            try {
                return Files.readString(directory.resolve("mood"));
            } catch (IOException _) {
                return "";
            }
        }
    }
}
