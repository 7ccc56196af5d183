package dev.tendril.contract.channel;

import java.time.Duration;

/// The numbers of the record layer. Both sides must use the same; only tests use others.
///
/// @param rekeyRecords records under one key, the `Rekey` included
/// @param rekeyAge age of a key at which its sender replaces it
/// @param rekeyGrace what the receiver allows beyond `rekeyAge`
/// @param lifetime how long a record may be under way, in session time
/// @param ping time between pings
/// @param silence age of an unanswered ping that ends the channel
/// @param handshake time for the handshake, and for the device's first record after it
/// @param age greatest age of a session
record Limits(
        long rekeyRecords,
        Duration rekeyAge,
        Duration rekeyGrace,
        Duration lifetime,
        Duration ping,
        Duration silence,
        Duration handshake,
        Duration age) {

    static final Limits STANDARD =
            new Limits(
                    1L << 20,
                    Duration.ofMinutes(15),
                    Duration.ofMinutes(2),
                    Duration.ofSeconds(45),
                    Duration.ofSeconds(15),
                    Duration.ofSeconds(40),
                    Duration.ofSeconds(10),
                    Duration.ofHours(12));
}
