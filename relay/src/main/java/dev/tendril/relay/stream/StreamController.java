package dev.tendril.relay.stream;

import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.service.auth.Visitor;
import dev.tendril.service.chat.Chats;
import dev.tendril.service.problem.ProblemException;
import dev.tendril.service.run.Run;
import dev.tendril.service.run.Turns;
import dev.tendril.service.stream.Cursor;
import dev.tendril.service.stream.EventLog;
import dev.tendril.service.stream.StreamState;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Header;
import io.micronaut.http.annotation.PathVariable;
import io.micronaut.http.annotation.QueryValue;
import io.micronaut.http.server.netty.NettyHttpRequest;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.netty.channel.Channel;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;

/// A chat's stream of frames; see docs/protocol.md.
@Controller("/api/v1/chats/{id}/stream")
@Secured(Visitor.ROLE)
@ExecuteOn(TaskExecutors.BLOCKING)
final class StreamController {

    private final Chats chats;
    private final Turns turns;
    private final EventLog log;
    private final Readers readers;

    StreamController(Chats chats, Turns turns, EventLog log, Readers readers) {
        this.chats = chats;
        this.turns = turns;
        this.log = log;
        this.readers = readers;
    }

    @Get(produces = {MediaType.TEXT_EVENT_STREAM, MediaType.ALL})
    HttpResponse<Publisher<byte[]>> stream(
            Visitor visitor,
            HttpRequest<?> request,
            @PathVariable("id") String chatId,
            @Nullable @QueryValue String after,
            @Nullable @Header("Last-Event-ID") String lastEventId) {
        UUID id = Chats.id(chatId);
        chats.checkOwn(visitor, id);
        StreamState state = log.state(visitor.workspaceId(), id);
        if (state == null) {
            throw ProblemException.of(ErrorCode.NOT_FOUND);
        }
        String given = after != null ? after : lastEventId;
        long from;
        if (given == null) {
            Run inFlight = turns.inFlight(visitor.workspaceId(), id);
            if (inFlight == null) {
                return HttpResponse.noContent();
            }
            from = inFlight.startSeq();
        } else {
            from = position(given, state);
        }
        var place = new Reader.Place(visitor.workspaceId(), id, state.epoch(), from);
        Reader reader = readers.open(visitor, place, connection(request));
        return HttpResponse.<Publisher<byte[]>>ok(reader.outbox())
                .contentType(MediaType.TEXT_EVENT_STREAM_TYPE)
                .header("cache-control", "no-cache, no-transform")
                .header("x-accel-buffering", "no")
                .header("x-vercel-ai-ui-message-stream", "v1");
    }

    private static Outbox.Connection connection(HttpRequest<?> request) {
        Channel channel =
                request instanceof NettyHttpRequest<?> netty
                        ? netty.getChannelHandlerContext().channel()
                        : null;
        return new Outbox.Connection() {
            @Override
            public void execute(Runnable task) {
                if (channel == null) {
                    task.run();
                } else {
                    channel.eventLoop().execute(task);
                }
            }

            @Override
            public boolean isOpen() {
                return channel == null || channel.isActive();
            }
        };
    }

    /// Where a cursor stands in the log.
    private static long position(String given, StreamState state) {
        Cursor cursor = Cursor.parse(given);
        if (cursor == null) {
            throw new ProblemException(
                    ErrorCode.INVALID_REQUEST, "A cursor is 0 or <epoch>:<seq>.");
        }
        if (cursor.epoch() == null) {
            return state.retainedFrom() - 1;
        }
        if (!cursor.epoch().equals(state.epoch())
                || cursor.seq() > state.lastSeq()
                || cursor.seq() < state.retainedFrom() - 1) {
            throw new ProblemException(ErrorCode.CURSOR_EXPIRED, "Reload the messages.");
        }
        return cursor.seq();
    }
}
