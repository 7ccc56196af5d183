package dev.tendril.worker.run;

import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;

/// What a worker says of itself when it asks for work.
///
/// @param instance this process, as in its sessions
/// @param offers tags; asked anew for each claim, since a model's name may be learned late
public record Self(UUID instance, Supplier<List<String>> offers) {}
