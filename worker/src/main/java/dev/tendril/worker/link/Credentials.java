package dev.tendril.worker.link;

import dev.tendril.worker.auth.WorkerKey;
import dev.tendril.worker.auth.WorkerToken;
import java.time.InstantSource;
import java.util.function.Supplier;

/// What opens a session.
///
/// @param token given by the operator
/// @param key the worker's own
/// @param announcement asked anew for each session, since a model's name may be learned late
/// @param clock tells how long a session is good
public record Credentials(
        WorkerToken token,
        WorkerKey key,
        Supplier<Announcement> announcement,
        InstantSource clock) {}
