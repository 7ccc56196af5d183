package dev.tendril.service.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;

/// The files of a server: made once, with passwords of their own.
final class Cluster {
    static final String ROLE = "tendril";
    static final String DATABASE = "tendril";
    private static final String MAJOR = "18";
    private static final int PASSWORD_LENGTH = 43;
    private static final long SETUP_BYTES = 8L << 20;

    private static final String CREATE_ROLE_AND_DATABASE =
            """
            create role %s login password '%s';
            create database %s owner %s;
            """;

    private Cluster() {}

    static void requireSpace(Path root, long bytes) throws IOException {
        var free = Files.getFileStore(root).getUsableSpace();
        if (free < bytes) {
            throw new PostgresFailure(
                    "Only "
                            + (free >> 20)
                            + " MB are free for "
                            + root
                            + "; PostgreSQL needs "
                            + (bytes >> 20)
                            + " MB.");
        }
    }

    static void requireMajor(Path data) throws IOException {
        var file = data.resolve("PG_VERSION");
        if (!Files.exists(file)) {
            return;
        }
        var major = Files.readString(file).strip();
        if (!major.equals(MAJOR)) {
            throw new PostgresFailure(
                    data
                            + " was made by PostgreSQL "
                            + major
                            + ", and this build has "
                            + MAJOR
                            + ": dump it there and restore it here, or name another data directory.");
        }
    }

    /// Makes a whole cluster beside its place and renames it, so that a crash leaves none or one.
    static void create(PostgresPrograms programs, Path root, boolean durable)
            throws IOException, InterruptedException {
        var partial = root.resolve("cluster.partial");
        var log = root.resolve("setup.log");
        PostgresBinaries.deleteTree(partial);
        Files.createDirectories(partial);
        var superuser = secretFile(partial.resolve("superuser-password"));
        var role = secretFile(partial.resolve("password"));
        var data = partial.resolve("data").toString();
        var initdb =
                new ArrayList<>(
                        List.of(
                                "initdb",
                                "-D",
                                data,
                                "-U",
                                "postgres",
                                "-A",
                                "scram-sha-256",
                                "-E",
                                "UTF8",
                                "--locale=C",
                                "--pwfile=" + partial.resolve("superuser-password")));
        if (!durable) {
            initdb.add("--no-sync");
        }
        if (programs.run(log, null, initdb) != 0) {
            throw failedSetup(root, log);
        }
        var sql = CREATE_ROLE_AND_DATABASE.formatted(ROLE, role, DATABASE, ROLE);
        var single =
                List.of("postgres", "--single", "-D", data, "-c", "exit_on_error=on", "postgres");
        if (programs.run(log, sql, single) != 0) {
            throw failedSetup(root, log);
        }
        assert !superuser.equals(role);
        Files.move(partial, root.resolve("cluster"), StandardCopyOption.ATOMIC_MOVE);
    }

    private static PostgresFailure failedSetup(Path root, Path log) throws IOException {
        requireSpace(root, SETUP_BYTES);
        return new PostgresFailure(
                "PostgreSQL could not make its data directory in "
                        + root
                        + ": "
                        + PostgresPrograms.tail(log));
    }

    private static String secretFile(Path file) throws IOException {
        var alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        var random = new SecureRandom();
        var secret = new StringBuilder(PASSWORD_LENGTH);
        while (secret.length() < PASSWORD_LENGTH) {
            secret.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        Files.createFile(
                file,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, secret + "\n");
        return secret.toString();
    }
}
