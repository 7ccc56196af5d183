package dev.tendril.relay.cli;

import dev.tendril.contract.chat.Metadata;
import dev.tendril.contract.trace.Span;
import dev.tendril.service.run.TracedSpan;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// A run's trace for people and for `cut`: step, kind, name, outcome, time, tokens, cost.
final class TraceLines {
    private TraceLines() {}

    static void print(TracedSpan traced, boolean words, PrintStream to) {
        Span span = traced.span();
        List<String> columns = new ArrayList<>();
        columns.add("trace");
        columns.add(traced.attempt() + "." + span.step());
        columns.add(span.kind().name().toLowerCase(Locale.ROOT));
        columns.add(line(span.name()));
        columns.add(line(span.outcome()));
        columns.add(span.time().ms() + " ms");
        Long first = span.time().firstMs();
        columns.add(first == null ? "-" : "first " + first + " ms");
        columns.add(tokens(span.spent()));
        columns.add(cost(span.spent()));
        to.println(String.join("\t", columns));
        Span.Words said = span.words();
        if (words && said != null) {
            to.println("trace-input\t" + line(said.input()));
            to.println("trace-output\t" + line(said.output()));
        }
    }

    private static String tokens(Span.@Nullable Spent spent) {
        Metadata.Usage usage = spent == null ? null : spent.usage();
        if (usage == null || (usage.in() == null && usage.out() == null)) {
            return "-";
        }
        return "in "
                + count(usage.in())
                + ", out "
                + count(usage.out())
                + ", cached "
                + count(usage.cached())
                + ", reasoning "
                + count(usage.reasoning());
    }

    private static String count(@Nullable Long tokens) {
        return tokens == null ? "?" : tokens.toString();
    }

    private static String cost(Span.@Nullable Spent spent) {
        return spent == null || spent.cost() == null ? "-" : "cost " + spent.cost().toPlainString();
    }

    /// What a model or a page wrote must not reach the terminal as control characters.
    private static String line(String text) {
        return text.replaceAll("\\p{Cntrl}+", " ");
    }
}
