package dev.tendril.relay.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DatabaseAddressTest {

    @Test
    void anAddressAsPeopleWriteIt() {
        assertEquals(
                new DatabaseAddress("jdbc:postgresql://db.example:5432/tendril", "me", "p@ss/+:x"),
                DatabaseAddress.parse("postgres://me:p%40ss%2F+%3Ax@db.example/tendril", "X"));
        assertEquals(
                new DatabaseAddress("jdbc:postgresql://[::1]:15432/t?sslmode=require", "me", null),
                DatabaseAddress.parse("postgresql://me@[::1]:15432/t?sslmode=require", "X"));
        assertEquals(
                new DatabaseAddress("jdbc:postgresql://db/t?user=a&password=b", null, null),
                DatabaseAddress.parse("jdbc:postgresql://db/t?user=a&password=b", "X"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "secret",
                "mysql://me:secret@db/t",
                "postgres://me:secret@db",
                "postgres:///t",
                "postgres://me:se cret@db/t",
                "jdbc:h2:mem:secret"
            })
    void whatIsNoAddressIsRefusedWithoutRepeatingIt(String text) {
        var failure =
                assertThrows(
                        RelayFailure.class,
                        () -> DatabaseAddress.parse(text, "TENDRIL_DATABASE_URL"));

        assertFalse(String.valueOf(failure.getMessage()).contains("secret"));
    }

    @Test
    void theEnvironmentNamesItOnce(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("url"), "postgres://a:b@c/d\n");
        assertNull(DatabaseAddress.of(Map.of()));
        assertNull(DatabaseAddress.of(Map.of("TENDRIL_DATABASE_URL", "")));
        assertNotNull(DatabaseAddress.of(Map.of("TENDRIL_DATABASE_URL", "postgres://a:b@c/d")));
        assertEquals(
                DatabaseAddress.of(Map.of("TENDRIL_DATABASE_URL", "postgres://a:b@c/d")),
                DatabaseAddress.of(Map.of("TENDRIL_DATABASE_URL_FILE", file.toString())));
        assertThrows(
                RelayFailure.class,
                () ->
                        DatabaseAddress.of(
                                Map.of(
                                        "TENDRIL_DATABASE_URL",
                                        "postgres://a:b@c/d",
                                        "TENDRIL_DATABASE_URL_FILE",
                                        file.toString())));
        assertThrows(
                RelayFailure.class,
                () ->
                        DatabaseAddress.of(
                                Map.of(
                                        "TENDRIL_DATABASE_URL_FILE",
                                        directory.resolve("absent").toString())));
    }

    @Test
    void itHidesItsPassword() {
        assertFalse(
                DatabaseAddress.parse("postgres://me:secret@db/t", "X")
                        .toString()
                        .contains("secret"));
    }
}
