package dev.tendril.contract.chat;

import io.micronaut.serde.annotation.Serdeable;

/// @param stopped how many turns were ended: the running one and those that waited behind it
@Serdeable
public record Stopped(int stopped) {}
