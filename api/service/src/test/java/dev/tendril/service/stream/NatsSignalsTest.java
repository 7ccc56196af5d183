package dev.tendril.service.stream;

import java.io.IOException;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Against a real `nats-server`, which `./tendril test` installs.
@NeedsNats
class NatsSignalsTest extends SignalsConformance {

    @TempDir private static Path directory;

    private static NatsServer server;

    private final String subject = "tendril." + UUID.randomUUID();

    @BeforeAll
    static void startServer() throws IOException {
        server = new NatsServer(directory);
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @Override
    Signals replica() {
        return new NatsSignals(server.url(), subject);
    }

    @Override
    boolean crosses() {
        return true;
    }

    @Test
    void aServerThatDiesIsFoundAgain() throws Exception {
        server.kill();
        server.back();
        awaitLink();
    }
}
