package dev.tendril.worker.attach;

import dev.tendril.contract.channel.StaticKey;
import dev.tendril.contract.channel.WorkerAddress;
import dev.tendril.worker.auth.SecretFile;
import dev.tendril.worker.json.BadJson;
import dev.tendril.worker.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// What a device keeps of one pairing, in a file `NAME.json` of its folder, mode 0600.
///
/// @param address whom to reach, and as whom
/// @param key the device's own
/// @param psk shared with this worker alone
@SuppressWarnings("ArrayRecordComponent") // never compared as a record
public record DeviceProfile(WorkerAddress address, StaticKey key, byte[] psk) {

    /// Names of the folder's profiles.
    public static List<String> names(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(f -> String.valueOf(f.getFileName()))
                    .filter(f -> f.endsWith(".json") && !f.startsWith("."))
                    .map(f -> f.substring(0, f.length() - 5))
                    .sorted()
                    .toList();
        }
    }

    /// Reads one.
    ///
    /// @throws IOException when there is none of this name, or it is not what [#save] wrote
    public static DeviceProfile load(Path folder, String name) throws IOException {
        Path file = file(folder, name);
        try {
            Map<String, ?> row = Json.readObject(Files.readString(file));
            return new DeviceProfile(
                    new WorkerAddress(
                            text(row, "relay"),
                            text(row, "workspace"),
                            text(row, "worker"),
                            text(row, "device"),
                            bytes(row, "workerKey")),
                    StaticKey.of(bytes(row, "key")),
                    bytes(row, "psk"));
        } catch (BadJson | IllegalArgumentException e) {
            throw new IOException(file + " is not a device's profile", e);
        }
    }

    /// Writes it.
    public void save(Path folder, String name) throws IOException {
        Files.createDirectories(folder);
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("relay", address.relay());
        row.put("workspace", address.workspace());
        row.put("worker", address.worker());
        row.put("device", address.device());
        row.put("workerKey", base64(address.workerKey()));
        row.put("key", base64(key.exportPrivate()));
        row.put("psk", base64(psk));
        SecretFile.write(file(folder, name), Json.write(row) + "\n");
    }

    private static Path file(Path folder, String name) {
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,63}")) {
            throw new IllegalArgumentException("A name has 1 to 64 of A-Z a-z 0-9 . _ -");
        }
        return folder.resolve(name + ".json");
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static byte[] bytes(Map<String, ?> row, String name) {
        return Base64.getDecoder().decode(text(row, name));
    }

    private static String text(Map<String, ?> row, String name) {
        if (row.get(name) instanceof String text) {
            return text;
        }
        throw new IllegalArgumentException("no " + name);
    }

    /// Neither key nor PSK.
    @Override
    public String toString() {
        return "DeviceProfile[" + address + "]";
    }
}
