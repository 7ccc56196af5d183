package dev.tendril.worker.model;

import dev.tendril.contract.chat.Metadata;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/// What a model costs, per million tokens, in whatever currency the operator counts.
///
/// @param in prompt tokens that were not cached
/// @param cached prompt tokens that the provider had in its cache
/// @param out written tokens other than reasoning
/// @param reasoning written tokens that were thoughts
public record Price(BigDecimal in, BigDecimal cached, BigDecimal out, BigDecimal reasoning) {
    private static final BigDecimal MILLION = BigDecimal.valueOf(1_000_000);

    /// A model of one's own.
    public static final Price FREE = new Price(BigDecimal.ZERO, BigDecimal.ZERO, BigDecimal.ZERO);

    /// A price without one of its own for thoughts.
    public Price(BigDecimal in, BigDecimal cached, BigDecimal out) {
        this(in, cached, out, out);
    }

    /// What these tokens cost. Tokens that the provider did not count cost nothing here, so a limit
    /// on money is no limit for a provider that does not count.
    public BigDecimal of(Metadata.@Nullable Usage usage) {
        if (usage == null) {
            return BigDecimal.ZERO;
        }
        long all = usage.in() == null ? 0 : usage.in();
        long hit = usage.cached() == null ? 0 : Math.min(all, usage.cached());
        long written = usage.out() == null ? 0 : usage.out();
        long thought = usage.reasoning() == null ? 0 : Math.min(written, usage.reasoning());
        return in.multiply(BigDecimal.valueOf(all - hit))
                .add(cached.multiply(BigDecimal.valueOf(hit)))
                .add(out.multiply(BigDecimal.valueOf(written - thought)))
                .add(reasoning.multiply(BigDecimal.valueOf(thought)))
                .divide(MILLION);
    }
}
