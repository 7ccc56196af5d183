package dev.tendril.infra.nginx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.infra.house.Jars;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The tests run the configuration that operators are given.
final class NginxTest {
    private static final List<URI> RELAYS =
            List.of(URI.create("http://127.0.0.1:1001"), URI.create("http://127.0.0.1:1002"));

    @Test
    void onlyThePortsAreOthers() throws IOException {
        String given =
                Files.readString(Jars.ofThisBuild().root().resolve("infra/nginx/tendril.conf"));

        String filled = Nginx.filled(given, 1000, RELAYS);

        assertTrue(filled.contains("\n    listen 127.0.0.1:1000;\n"));
        assertEquals(
                given,
                filled.replace("listen 127.0.0.1:1000;", "listen 80;")
                        .replace("127.0.0.1:1001", "127.0.0.1:8081")
                        .replace("127.0.0.1:1002", "127.0.0.1:8082"));
    }

    @Test
    void aConfigurationThatLooksOtherwiseIsRefused() {
        assertThrows(
                IllegalArgumentException.class, () -> Nginx.filled("listen 81;", 1000, RELAYS));
    }
}
