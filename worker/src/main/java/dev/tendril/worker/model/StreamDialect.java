package dev.tendril.worker.model;

import java.net.http.HttpRequest;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/// What differs between providers of streamed answers: how one answer is asked for and read. Made
/// for one answer; `toString` names the endpoint in messages for the operator.
interface StreamDialect {
    /// A call that must be made first, or null.
    @Nullable HttpRequest before();

    /// What that call brought.
    ///
    /// @param body empty unless the status is 200
    void beforeAnswered(String body);

    /// The call that the answer comes from.
    HttpRequest request();

    /// Whether a refused call makes sense in another form; the next [#request] then has it.
    boolean anotherForm(int status, String body);

    /// The endpoint refused for good.
    void refused(int status);

    /// Takes the data of one event of the stream.
    ///
    /// @throws ModelFailure when it is an error, or nothing that the protocol allows
    void accept(String data, Queue<ModelEvent> events) throws ModelFailure;

    /// Takes an answer that came in one piece although a stream was asked for.
    ///
    /// @throws ModelFailure when it is an error or no answer at all
    void acceptWhole(String body, Queue<ModelEvent> events) throws ModelFailure;

    /// Whether the answer came to its end, although more events may follow.
    boolean finished();

    /// Whether nothing follows any more.
    boolean complete();

    /// Whether there is anything to show or to do.
    boolean saidSomething();

    /// In the words of [ModelEvent.End].
    String reason();

    /// What an error document says, on one line; empty when it says nothing.
    String errorText(String body);
}
