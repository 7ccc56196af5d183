package dev.tendril.worker.policy;

import java.math.BigDecimal;
import java.time.Duration;

/// The most that one turn may use.
///
/// @param steps model calls, 1 to 200
/// @param calls tool calls, 0 to 500
/// @param outputTokens tokens that the model writes, over all steps
/// @param time wall time of the turn
/// @param money in the currency of the price table; zero means no limit, because an unpriced model
///   costs nothing that could be counted
public record Budget(int steps, int calls, long outputTokens, Duration time, BigDecimal money) {
    /// What a visitor's turn gets unless the policy says otherwise: 8 steps, 8 calls, 8,000 tokens,
    /// 120 s.
    public static final Budget VISITOR =
            new Budget(8, 8, 8_000, Duration.ofSeconds(120), BigDecimal.ZERO);

    /// What an operator's turn gets unless the policy says otherwise: 50 steps, 100 calls, 100,000
    /// tokens, 30 min.
    public static final Budget OPERATOR =
            new Budget(50, 100, 100_000, Duration.ofMinutes(30), BigDecimal.ZERO);
}
