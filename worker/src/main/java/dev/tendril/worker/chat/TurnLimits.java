package dev.tendril.worker.chat;

import java.time.Duration;

/// Where a turn ends at the latest. The role's budget of the policy may end it earlier.
///
/// @param steps model calls
/// @param time for the whole attempt; less than the relay's deadline of 10 min
/// @param answerChars length of one model answer
/// @param historyChars length of the history that the model gets
public record TurnLimits(int steps, Duration time, int answerChars, int historyChars) {
    /// 12 steps, 9 min, answers of 200,000 and histories of 24,000 characters.
    public static final TurnLimits DEFAULT =
            new TurnLimits(12, Duration.ofMinutes(9), 200_000, 24_000);

    /// The same with another budget for the history.
    public TurnLimits withHistory(int chars) {
        return new TurnLimits(steps, time, answerChars, chars);
    }
}
