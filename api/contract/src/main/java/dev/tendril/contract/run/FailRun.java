package dev.tendril.contract.run;

import io.micronaut.serde.annotation.Serdeable;
import java.util.UUID;

/// A run that cannot be answered. The relay closes open parts and writes `data-relay-failure` and
/// `error`; what had been streamed stays visible.
///
/// @param code machine-readable, `[a-z_]{1,40}`, e.g. `model_unavailable`
/// @param text a sentence for the visitor: what happened and what to do
/// @param retryable whether the visitor is offered a retry
@Serdeable
public record FailRun(UUID leaseToken, String code, String text, boolean retryable) {}
