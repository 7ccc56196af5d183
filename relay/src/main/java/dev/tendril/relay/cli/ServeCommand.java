package dev.tendril.relay.cli;

import dev.tendril.service.health.Drain;
import io.micronaut.http.server.exceptions.ServerStartupException;
import io.micronaut.runtime.graceful.GracefulShutdownManager;
import io.micronaut.runtime.server.EmbeddedServer;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `relay serve`: listens until SIGTERM.
@Command(
        name = "serve",
        mixinStandardHelpOptions = true,
        description = {
            "Serves pages, visitors and workers until it gets SIGTERM or SIGINT; then it turns"
                    + " unready, ends open streams so that their readers reconnect, and exits.",
            ""
        },
        footer = {
            "",
            "Log lines are JSON on standard output. /health/ready answers 200 once it serves.",
            "",
            "Environment: TENDRIL_DATABASE_URL or TENDRIL_DATABASE_URL_FILE, TENDRIL_DATA_DIR;",
            "TENDRIL_MASTER_KEY_FILE (32 bytes in base64, mode 0600; default master.key in the data"
                    + " directory);",
            "TENDRIL_EMBED_ORIGINS (sites that may embed the chat, such as https://example.org,"
                    + " separated by commas);",
            "TENDRIL_CAPTCHA (what a network that misses many codes must show: proof-of-work, the"
                    + " default, turnstile or hcaptcha with TENDRIL_CAPTCHA_SITE_KEY and"
                    + " TENDRIL_CAPTCHA_SECRET_FILE, or none; TENDRIL_CAPTCHA_VERIFY_URL names"
                    + " another siteverify);",
            "TENDRIL_TRUSTED_PROXIES (who may say X-Forwarded-For; default loopback and private"
                    + " networks);",
            "TENDRIL_LEASE (how long a worker may be silent before its run is given to another; 2s"
                    + " to 10m, default 30s);",
            "TENDRIL_COMPACT_AFTER (from a turn's end until its frames go and only the finished"
                    + " message remains; at least 10m, default 24h);",
            "TENDRIL_OLD_SNAPSHOT_AFTER (from when an old snapshot in the database is warned of;"
                    + " default 2m);",
            "TENDRIL_CHAT_READERS (streams of one chat at once; one more ends the oldest; default"
                    + " 16);",
            "TENDRIL_REPLICA (this relay's name among several over one database; default a random"
                    + " one);",
            "TENDRIL_SMTP_HOST (a mail server, by which visitors may send themselves a chat; off"
                    + " without it), TENDRIL_SMTP_FROM (the letters' address), TENDRIL_SMTP_PORT"
                    + " (default 587, with tls 465);",
            "TENDRIL_SMTP_SECURITY (starttls, the default, tls or none), TENDRIL_SMTP_USER with"
                    + " TENDRIL_SMTP_PASSWORD_FILE, TENDRIL_SMTP_TRUST_FILE (certificates in PEM"
                    + " instead of the platform's);",
            "TENDRIL_SMTP_TIMEOUT (for each answer of the server, default 10s), TENDRIL_SMTP_RETRY"
                    + " (first pause after a failure, default 30s), TENDRIL_SMTP_DAILY (letters of"
                    + " one site in 24 h, default 200);",
            "TENDRIL_SIGNALS (how several relays over one database tell each other of news:"
                    + " postgres, the default, nats with TENDRIL_NATS_URL, or local for a relay"
                    + " that is alone)."
        })
final class ServeCommand implements Callable<Integer> {

    private static final int GRACE_SECONDS = 8;

    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = "8080",
            description = "port to listen on; 0 takes a free one (default 8080)")
    private int port = 8080;

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1",
            description = "address to listen on (default 127.0.0.1, this machine alone)")
    private String host = "127.0.0.1";

    @Mixin private DataDirOption dataDir = new DataDirOption();

    @Option(
            names = "--parent-pid",
            paramLabel = "PID",
            description = "exit in order when that process is gone")
    private @Nullable Long parentPid;

    @Option(
            names = "--provision",
            paramLabel = "DIR",
            description =
                    "make the site `home` with an access code and a worker token if they are absent,"
                            + " and keep them in DIR/access-code and DIR/worker-token (mode 0600)")
    private @Nullable Path provision;

    @Override
    public Integer call() throws InterruptedException {
        if (port < 0 || port > 65_535) {
            throw new RelayFailure("--port takes a number from 0 to 65535.");
        }
        House house =
                House.open(
                        dataDir.path(),
                        Map.of(
                                "micronaut.server.port",
                                port == 0 ? -1 : port,
                                "micronaut.server.host",
                                host));
        Logger log = LoggerFactory.getLogger(ServeCommand.class);
        try {
            if (provision != null) {
                house.bean(Provision.class).into(provision);
            }
            EmbeddedServer server = house.bean(EmbeddedServer.class);
            server.start();
            log.atInfo()
                    .addKeyValue("event.action", "listening")
                    .addKeyValue("url", server.getURI().toString())
                    .log("relay serves {}", server.getURI());
        } catch (ServerStartupException e) {
            house.close();
            throw new RelayFailure(
                    "Cannot listen on " + host + ":" + port + "; is another process there?", e);
        } catch (RuntimeException e) {
            house.close();
            throw e;
        }
        var asked = new CountDownLatch(1);
        var gone = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(
                                () -> {
                                    asked.countDown();
                                    await(gone);
                                },
                                "leave"));
        if (parentPid != null) {
            watch(parentPid, asked);
        }
        asked.await();
        try {
            leave(house, log);
        } finally {
            gone.countDown();
        }
        return 0;
    }

    private static void leave(House house, Logger log) throws InterruptedException {
        log.atInfo().addKeyValue("event.action", "leaving").log("relay leaves");
        house.bean(Drain.class).begin();
        try {
            house.bean(GracefulShutdownManager.class)
                    .shutdownGracefully()
                    .toCompletableFuture()
                    .get(GRACE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            log.atWarn()
                    .addKeyValue("event.action", "cut")
                    .log("calls were still open after {} s", GRACE_SECONDS);
        } catch (ExecutionException e) {
            log.warn("the server did not stop in order", e);
        }
        house.close();
    }

    private static void watch(long pid, CountDownLatch asked) {
        ProcessHandle.of(pid)
                .ifPresentOrElse(
                        parent -> parent.onExit().thenRun(asked::countDown), asked::countDown);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
