package dev.tendril.relay.stream;

import dev.tendril.contract.chat.SdkPost;
import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.service.auth.Callers;
import dev.tendril.service.auth.Visitor;
import dev.tendril.service.chat.SdkChats;
import dev.tendril.service.problem.ProblemException;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;

/// The two calls of the AI SDK's default transport: a message whose answer is the response, and an
/// answer in flight from its beginning; see docs/protocol.md.
@Controller("/api/v1/chat")
@Secured(Visitor.ROLE)
@ExecuteOn(TaskExecutors.BLOCKING)
final class SdkController {

    private final SdkChats chats;
    private final Callers callers;
    private final StreamController streams;

    SdkController(SdkChats chats, Callers callers, StreamController streams) {
        this.chats = chats;
        this.callers = callers;
        this.streams = streams;
    }

    @Post(produces = {MediaType.TEXT_EVENT_STREAM, MediaType.ALL})
    HttpResponse<Publisher<byte[]>> post(
            Visitor visitor, HttpRequest<?> request, @Body SdkPost post) {
        if (!callers.hasAgreed(visitor)) {
            throw ProblemException.of(ErrorCode.CONSENT_REQUIRED);
        }
        SdkChats.Turn turn = chats.post(visitor, post);
        return streams.stream(visitor, request, turn.chatId().toString(), turn.cursor(), null);
    }

    @Get(
            value = "/{id}/stream",
            produces = {MediaType.TEXT_EVENT_STREAM, MediaType.ALL})
    HttpResponse<Publisher<byte[]>> resume(Visitor visitor, HttpRequest<?> request, String id) {
        @Nullable UUID chat = chats.find(visitor, id);
        return chat == null
                ? HttpResponse.noContent()
                : streams.stream(visitor, request, chat.toString(), null, null);
    }
}
