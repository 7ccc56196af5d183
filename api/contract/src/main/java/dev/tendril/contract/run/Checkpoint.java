package dev.tendril.contract.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.micronaut.serde.annotation.Serdeable;

/// The state from which another attempt continues. The relay stores it and never reads it.
///
/// @param step rises by one with each checkpoint of a run, from 1, also across attempts
/// @param state the worker's own JSON text, at most 256 KiB
@Serdeable
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Checkpoint(int step, String state) {}
