package dev.tendril.service.stream;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// The word that names a history of streams.
///
/// Made of the cluster's identity, its timeline (a promoted standby and a restored point in time
/// begin another) and the identity of the `stream` table (a dump that was restored into the same
/// cluster made another). Only equality counts; the word tells nothing about the server.
final class LogEpoch {

    private static final int CHARACTERS = 10;
    private static final int REMEMBERED = 64;
    private static final Map<String, String> WORDS = new ConcurrentHashMap<>();

    private LogEpoch() {}

    /// @param history what [EventStore#HISTORY] selects
    static String of(String history) {
        if (WORDS.size() > REMEMBERED) {
            WORDS.clear();
        }
        return WORDS.computeIfAbsent(history, LogEpoch::word);
    }

    private static String word(String history) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest(history.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash).substring(0, CHARACTERS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
