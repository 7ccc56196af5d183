package dev.tendril.relay.stream;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/// What may happen to one chat and those who read it. A command that finds nothing to act upon does
/// nothing.
sealed interface CursorCommand {

    /// A visitor's message, or the last one once more.
    record Post(boolean again) implements CursorCommand {}

    /// The worker takes the head.
    record Claim() implements CursorCommand {}

    /// So many pieces of text in one batch.
    record Write(int pieces) implements CursorCommand {}

    /// The answer is complete.
    record Complete() implements CursorCommand {}

    /// The worker gives up.
    record Fail() implements CursorCommand {}

    /// The visitor has enough.
    record Stop() implements CursorCommand {}

    /// The visitor wants the last turn again.
    record Retry() implements CursorCommand {}

    /// What lies before the last turn's end is no longer retained.
    record Forget() implements CursorCommand {}

    /// Somebody begins to read and keeps coming back with the cursor.
    ///
    /// @param from where the reader begins
    /// @param percent of the log, with [From#WITHIN]
    /// @param seed of the places at which the line is cut
    record Read(From from, int percent, long seed) implements CursorCommand {}

    /// Where a reader begins.
    enum From {
        /// Without a cursor.
        NOWHERE,
        /// `0`.
        ZERO,
        /// A frame of the log.
        WITHIN,
        /// Behind the last frame.
        AHEAD,
        /// Another history.
        ELSEWHERE
    }

    /// A case.
    static List<CursorCommand> sequence(RandomGenerator random, int length) {
        List<CursorCommand> commands = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            commands.add(any(random));
        }
        return commands;
    }

    private static CursorCommand any(RandomGenerator random) {
        return switch (random.nextInt(24)) {
            case 0, 1, 2, 3 -> new Post(random.nextInt(5) == 0);
            case 4, 5, 6, 7 -> new Claim();
            case 8, 9, 10, 11, 12 ->
                    new Write(1 + random.nextInt(random.nextInt(8) == 0 ? 120 : 4));
            case 13, 14, 15 -> new Complete();
            case 16 -> new Fail();
            case 17 -> new Stop();
            case 18 -> new Retry();
            case 19 -> new Forget();
            default ->
                    new Read(
                            From.values()[random.nextInt(From.values().length)],
                            random.nextInt(101),
                            random.nextLong());
        };
    }
}
