package dev.tendril.worker.channel;

import dev.tendril.contract.channel.Scope;
import dev.tendril.worker.auth.SecretFile;
import dev.tendril.worker.json.BadJson;
import dev.tendril.worker.json.Json;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;

/// The enrolled devices in the file `devices.json` of the worker's data directory, mode 0600. The
/// worker and its command line both change it, one at a time, under a lock file.
public final class DeviceFile {

    /// More than anybody enrols; each is a way in.
    public static final int MOST = 64;

    private static final ReentrantLock HERE = new ReentrantLock();

    private final Path file;
    private final Path lock;

    /// @param dataDir the worker's
    public DeviceFile(Path dataDir) {
        this.file = dataDir.resolve("devices.json");
        this.lock = dataDir.resolve("devices.lock");
    }

    /// All devices, the oldest first.
    ///
    /// @throws IOException when the file is there and cannot be understood: nobody gets in then
    public List<EnrolledDevice> list() throws IOException {
        if (!Files.exists(file)) {
            return List.of();
        }
        try {
            List<EnrolledDevice> devices = new ArrayList<>();
            if (Json.readObject(Files.readString(file)).get("devices") instanceof List<?> rows) {
                for (Object row : rows) {
                    devices.add(
                            read(Json.object((Map<?, ?>) java.util.Objects.requireNonNull(row))));
                }
            }
            return devices;
        } catch (BadJson | RuntimeException e) {
            throw new IOException(file + " is not what this worker wrote", e);
        }
    }

    /// The device with this identifier *and* this key.
    public Optional<EnrolledDevice> find(String id, byte[] key) throws IOException {
        return list().stream()
                .filter(d -> d.id().equals(id) && MessageDigest.isEqual(d.key(), key))
                .findFirst();
    }

    /// Adds a device; one with the same identifier or key goes.
    ///
    /// @throws IOException also when there are [#MOST]
    public void enrol(EnrolledDevice device) throws IOException {
        change(devices -> {
            devices.removeIf(d ->
                    d.id().equals(device.id()) || MessageDigest.isEqual(d.key(), device.key()));
            devices.add(device);
            return devices;
        });
    }

    /// Changes one device.
    ///
    /// @return false if there is none with this identifier or label
    public boolean update(String name, UnaryOperator<EnrolledDevice> how) throws IOException {
        boolean[] found = {false};
        change(devices -> {
            devices.replaceAll(d -> {
                boolean this1 = d.id().equals(name) || d.label().equals(name);
                found[0] |= this1;
                return this1 ? how.apply(d) : d;
            });
            return devices;
        });
        return found[0];
    }

    /// Ends a device.
    ///
    /// @return false if there is none with this identifier or label
    public boolean revoke(String name) throws IOException {
        boolean[] found = {false};
        change(devices -> {
            found[0] = devices.removeIf(d -> d.id().equals(name) || d.label().equals(name));
            return devices;
        });
        return found[0];
    }

    /// `chat,terminal` as scopes.
    ///
    /// @throws IllegalArgumentException with a sentence for people
    public static Set<Scope> scopes(String text) {
        Set<Scope> scopes = EnumSet.noneOf(Scope.class);
        for (String word : text.split(",", -1)) {
            try {
                scopes.add(Scope.valueOf(word.strip().toUpperCase(Locale.ROOT)));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "Scopes are chat, trace, terminal and admin, separated by commas.", e);
            }
        }
        return scopes;
    }

    /// Scopes as `chat,terminal`.
    public static String text(Set<Scope> scopes) {
        return String.join(
                ",", scopes.stream().sorted().map(s -> s.name().toLowerCase(Locale.ROOT)).toList());
    }

    private void change(UnaryOperator<List<EnrolledDevice>> how) throws IOException {
        // A file's lock holds between processes, and is an error within one.
        HERE.lock();
        try (var channel =
                        FileChannel.open(
                                lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var _ = channel.lock()) {
            List<EnrolledDevice> devices = how.apply(new ArrayList<>(list()));
            if (devices.size() > MOST) {
                throw new IOException("no more than " + MOST + " devices");
            }
            List<Object> rows = new ArrayList<>();
            devices.forEach(d -> rows.add(write(d)));
            SecretFile.write(file, Json.write(Map.of("devices", rows)) + "\n");
        } finally {
            HERE.unlock();
        }
    }

    private static Map<String, Object> write(EnrolledDevice d) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("id", d.id());
        row.put("label", d.label());
        row.put("key", Base64.getEncoder().encodeToString(d.key()));
        row.put("psk", Base64.getEncoder().encodeToString(d.psk()));
        row.put("scopes", text(d.scopes()));
        row.put("createdAt", d.createdAt().toString());
        Instant seen = d.seenAt();
        if (seen != null) {
            row.put("seenAt", seen.toString());
        }
        return row;
    }

    private static EnrolledDevice read(Map<String, ?> row) {
        String scopes = string(row, "scopes");
        return new EnrolledDevice(
                string(row, "id"),
                string(row, "label"),
                Base64.getDecoder().decode(string(row, "key")),
                Base64.getDecoder().decode(string(row, "psk")),
                scopes.isEmpty() ? Set.of() : scopes(scopes),
                Instant.parse(string(row, "createdAt")),
                row.get("seenAt") instanceof String seen ? Instant.parse(seen) : null);
    }

    private static String string(Map<String, ?> row, String name) {
        if (row.get(name) instanceof String text) {
            return text;
        }
        throw new IllegalArgumentException("no " + name);
    }
}
