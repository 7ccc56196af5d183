package dev.tendril.service.database;

import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.service.problem.ProblemException;
import io.micronaut.data.exceptions.DataAccessException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/// Does calls of many threads together, in one transaction each time: a commit costs a flush of the
/// disk and a statement a way there and back, however much stands in them.
///
/// While a group or two are under way the next one gathers, so nothing waits for a timer and a call
/// that comes alone goes at once.
///
/// @param <Q> the call
/// @param <A> its answer
public final class Gathering<Q, A> {

    private final String name;
    private final Limits limits;
    private final Function<Q, Object> kind;
    private final Function<Q, Object> once;
    private final ToIntFunction<Q> characters;
    private final Work<Q, A> work;
    private final Deque<Call<Q, A>> waiting = new ArrayDeque<>();
    private long waitingCharacters;
    private int busy;

    /// @param name of the threads
    /// @param kind calls of one kind alone go together
    /// @param once what a group has at most once, such as a row that is locked
    /// @param characters a call's size
    public Gathering(
            String name,
            Limits limits,
            Function<Q, Object> kind,
            Function<Q, Object> once,
            ToIntFunction<Q> characters,
            Work<Q, A> work) {
        this.name = name;
        this.limits = limits;
        this.kind = kind;
        this.once = once;
        this.characters = characters;
        this.work = work;
    }

    /// Waits for the answer.
    ///
    /// @return null when the call was left out: nothing changed, and the caller does it alone. So
    ///   it is also for all of a group that failed because of what one of them carries
    /// @throws ProblemException `unavailable`: too many calls wait, or this one found no answer in
    ///   time. In the latter case it may have been done
    public @Nullable A ask(Q question) {
        Call<Q, A> call = new Call<>(question, characters.applyAsInt(question));
        List<Call<Q, A>> own = enter(call);
        if (!own.isEmpty()) {
            together(own);
            handOn();
        }
        try {
            return call.answer
                    .get(limits.deadline().toMillis(), TimeUnit.MILLISECONDS)
                    .orElse(null);
        } catch (TimeoutException _) {
            forget(call);
            throw ProblemException.of(ErrorCode.UNAVAILABLE);
        } catch (InterruptedException _) {
            forget(call);
            Thread.currentThread().interrupt();
            throw ProblemException.of(ErrorCode.UNAVAILABLE);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    /// @return the group that the caller does itself; empty if others do it
    private synchronized List<Call<Q, A>> enter(Call<Q, A> call) {
        if (waiting.size() >= limits.calls()
                || !waiting.isEmpty()
                        && waitingCharacters + call.characters > limits.characters()) {
            throw ProblemException.of(ErrorCode.UNAVAILABLE);
        }
        waiting.add(call);
        waitingCharacters += call.characters;
        if (busy == limits.groupsAtOnce()) {
            return List.of();
        }
        // Nobody waits while there is somebody less at work than there may be.
        busy++;
        if (limits.callersLead()) {
            return next();
        }
        start();
        return List.of();
    }

    /// The caller that led has its answer; those that came meanwhile are not its business.
    private synchronized void handOn() {
        if (waiting.isEmpty()) {
            busy--;
        } else {
            start();
        }
    }

    private void start() {
        Thread.ofVirtual().name(name).start(this::doAll);
    }

    private synchronized void forget(Call<Q, A> call) {
        if (waiting.remove(call)) {
            waitingCharacters -= call.characters;
        }
    }

    private void doAll() {
        for (List<Call<Q, A>> group = next(); !group.isEmpty(); group = next()) {
            together(group);
        }
    }

    /// The oldest call, and those that go with it.
    private synchronized List<Call<Q, A>> next() {
        List<Call<Q, A>> group = new ArrayList<>();
        Set<Object> taken = new HashSet<>();
        long size = 0;
        Iterator<Call<Q, A>> calls = waiting.iterator();
        while (calls.hasNext() && group.size() < limits.group()) {
            Call<Q, A> call = calls.next();
            if (!group.isEmpty() && size + call.characters > limits.groupCharacters()) {
                break;
            }
            boolean fits =
                    group.isEmpty()
                            || kind.apply(call.question)
                                    .equals(kind.apply(group.getFirst().question));
            if (fits && taken.add(once.apply(call.question))) {
                calls.remove();
                group.add(call);
                size += call.characters;
                waitingCharacters -= call.characters;
            }
        }
        if (group.isEmpty()) {
            busy--;
        }
        return group;
    }

    private void together(List<Call<Q, A>> group) {
        try {
            var answers = work.together(group.stream().map(call -> call.question).toList());
            for (Call<Q, A> call : group) {
                call.answer.complete(Optional.ofNullable(answers.apply(call.question)));
            }
        } catch (DataAccessException e) {
            if (ofOneCall(e)) {
                group.forEach(call -> call.answer.complete(Optional.empty()));
            } else {
                group.forEach(call -> call.answer.completeExceptionally(e));
            }
        } catch (RuntimeException | Error e) {
            group.forEach(call -> call.answer.completeExceptionally(e));
        }
    }

    /// Whether what one of the calls carries may be the cause: data (22) or a constraint (23).
    private static boolean ofOneCall(DataAccessException e) {
        for (Throwable t = e; t != null; t = t.getCause()) {
            if (t instanceof SQLException sql && sql.getSQLState() != null) {
                return sql.getSQLState().startsWith("22") || sql.getSQLState().startsWith("23");
            }
        }
        return false;
    }

    /// Does calls in one transaction, all of them or none.
    @FunctionalInterface
    public interface Work<Q, A> {
        /// Waits for no lock that another call may hold for long.
        ///
        /// @return their answers; null for one that was left out
        Function<Q, @Nullable A> together(List<Q> group);
    }

    /// Bounds.
    ///
    /// @param groupsAtOnce under way
    /// @param calls that may wait
    /// @param characters that may wait
    /// @param group calls in one transaction
    /// @param groupCharacters in one transaction, unless a single call has more
    /// @param deadline for an answer
    /// @param callersLead a call that comes alone is done on its caller's thread: no other has to
    ///   wake for it, but its answer may come as late as the database's limits let it
    public record Limits(
            int groupsAtOnce,
            int calls,
            long characters,
            int group,
            long groupCharacters,
            Duration deadline,
            boolean callersLead) {
        /// Those of the product.
        public static Limits of(int groupsAtOnce, int group, boolean callersLead) {
            return new Limits(
                    groupsAtOnce,
                    2_000,
                    16L << 20,
                    group,
                    1L << 20,
                    Duration.ofSeconds(10),
                    callersLead);
        }
    }

    private static final class Call<Q, A> {
        private final Q question;
        private final int characters;
        private final CompletableFuture<Optional<A>> answer = new CompletableFuture<>();

        Call(Q question, int characters) {
            this.question = question;
            this.characters = characters;
        }
    }
}
