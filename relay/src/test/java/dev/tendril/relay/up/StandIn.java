package dev.tendril.relay.up;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/// A relay or a worker as the supervisor sees them: a command line, two files, two answers. The end
/// of each is written to `ends` in the data directory, so that a test can read the order.
final class StandIn {
    private StandIn() {}

    /// Ends at once, as a relay with a broken configuration does.
    static final class Broken {
        public static void main(String[] args) {
            System.out.println(
                    "{\"level\":\"ERROR\",\"message\":\"the schema is from the future\"}");
            System.exit(1);
        }
    }

    static final class Relay {
        public static void main(String[] args) throws IOException {
            var data = Path.of(value(args, "--data-dir"));
            recordEnd(data, "relay");
            endWithParent(args);
            var port = Integer.parseInt(value(args, "--port"));
            var url = Files.readString(Path.of(System.getenv("TENDRIL_DATABASE_URL_FILE")));
            if (!url.startsWith("postgres://tendril:")) {
                throw new IllegalStateException("no database URL");
            }
            var provision = Path.of(value(args, "--provision"));
            Files.writeString(provision.resolve("access-code"), "K7Q2-TEST\n");
            Files.writeString(provision.resolve("worker-token"), "tnd_wk_test\n");
            var server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), 0);
            answer(server, "/health/ready", "{}");
            server.createContext(
                    "/api/v1/sites/home",
                    exchange -> {
                        var online = Files.exists(data.resolve("worker/here"));
                        var body =
                                "{\"worker\":{\"online\":" + online + ",\"model\":\"stand-in\"}}";
                        exchange.sendResponseHeaders(200, body.length());
                        exchange.getResponseBody().write(body.getBytes(StandardCharsets.UTF_8));
                        exchange.close();
                    });
            server.start();
        }

        private static void answer(HttpServer server, String path, String body) {
            server.createContext(
                    path,
                    exchange -> {
                        exchange.sendResponseHeaders(200, body.length());
                        exchange.getResponseBody().write(body.getBytes(StandardCharsets.UTF_8));
                        exchange.close();
                    });
        }
    }

    static final class Worker {
        public static void main(String[] args) throws Exception {
            var data = Path.of(value(args, "--data-dir"));
            recordEnd(data.resolveSibling("."), "worker");
            endWithParent(args);
            Files.writeString(data.resolve("arguments"), String.join(" ", args));
            Files.writeString(data.resolve("here"), "");
            new CountDownLatch(1).await();
        }
    }

    static String value(String[] args, String name) {
        List<String> all = Arrays.asList(args);
        return all.get(all.indexOf(name) + 1);
    }

    private static void recordEnd(Path folder, String who) {
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(() -> {
                            try {
                                Files.writeString(
                                        folder.resolve("ends"),
                                        who + "\n",
                                        StandardOpenOption.CREATE,
                                        StandardOpenOption.APPEND);
                            } catch (IOException e) {
                                throw new IllegalStateException(e);
                            }
                        }));
    }

    private static void endWithParent(String[] args) {
        ProcessHandle.of(Long.parseLong(value(args, "--parent-pid")))
                .orElseThrow()
                .onExit()
                .thenRun(() -> System.exit(0));
    }
}
