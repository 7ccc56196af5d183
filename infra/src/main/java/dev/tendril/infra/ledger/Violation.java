package dev.tendril.infra.ledger;

/// Something that must not be.
///
/// @param invariant what it breaks
/// @param what one sentence
public record Violation(Invariant invariant, String what) {
    @Override
    public String toString() {
        return invariant.label() + ": " + what;
    }
}
