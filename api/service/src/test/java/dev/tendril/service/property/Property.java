package dev.tendril.service.property;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A property that every sequence of commands keeps.
///
/// Each case has a seed of its own, drawn from the property's. A case that fails is shrunk by
/// dropping commands as long as it still fails, so commands must make sense without those before
/// them: one that finds nothing to act upon does nothing. The report has the seed (`-Dtest.seed=…`
/// repeats the run) and the commands that are left.
///
/// @param <C> a command; its `toString` is what the report shows
public final class Property<C> {

    private static final Duration SHRINKING = Duration.ofSeconds(60);

    private final String name;
    private final Function<RandomGenerator, List<C>> generator;
    private final Trial<C> trial;

    /// @param generator makes a case from a source of chance, and from that alone
    public Property(String name, Function<RandomGenerator, List<C>> generator, Trial<C> trial) {
        this.name = name;
        this.generator = generator;
        this.trial = trial;
    }

    /// Tries so many cases.
    ///
    /// @throws AssertionError at the first that fails, shrunk
    public void check(int cases) {
        long seed = Long.getLong("test.seed", new Random().nextLong());
        System.out.println(name + ": " + cases + " cases, seed " + seed);
        Random seeds = new Random(seed);
        for (int number = 1; number <= cases; number++) {
            List<C> commands = generator.apply(new Random(seeds.nextLong()));
            Throwable failure = failure(commands);
            if (failure != null) {
                throw shrunk(seed, number, commands, failure);
            }
        }
    }

    private AssertionError shrunk(long seed, int number, List<C> commands, Throwable failure) {
        List<C> least = commands;
        Throwable last = failure;
        long deadline = System.nanoTime() + SHRINKING.toNanos();
        for (int piece = (least.size() + 1) / 2; piece >= 1; ) {
            boolean dropped = false;
            for (int from = 0; from < least.size() && System.nanoTime() < deadline; ) {
                List<C> fewer = new ArrayList<>(least.subList(0, from));
                fewer.addAll(least.subList(Math.min(least.size(), from + piece), least.size()));
                Throwable still = failure(fewer);
                if (still == null) {
                    from += piece;
                } else {
                    least = fewer;
                    last = still;
                    dropped = true;
                }
            }
            if (!dropped || piece > 1) {
                piece = piece == 1 ? 0 : (piece + 1) / 2;
            }
        }
        return new AssertionError(
                "%s: seed %d, case %d, %d of %d commands are enough:%n%s%n%s"
                        .formatted(
                                name,
                                seed,
                                number,
                                least.size(),
                                commands.size(),
                                least.stream().map(c -> "  " + c).collect(Collectors.joining("\n")),
                                last),
                last);
    }

    private @Nullable Throwable failure(List<C> commands) {
        try {
            trial.run(List.copyOf(commands));
            return null;
        } catch (Exception | AssertionError e) {
            return e;
        }
    }

    /// Runs one case.
    ///
    /// @param <C> a command
    @FunctionalInterface
    public interface Trial<C> {
        /// Throws when the property does not hold.
        void run(List<C> commands) throws Exception;
    }
}
