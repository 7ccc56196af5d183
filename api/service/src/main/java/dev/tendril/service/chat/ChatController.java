package dev.tendril.service.chat;

import dev.tendril.contract.chat.Accepted;
import dev.tendril.contract.chat.Chat;
import dev.tendril.contract.chat.ChatList;
import dev.tendril.contract.chat.MessagePage;
import dev.tendril.contract.chat.PostMessage;
import dev.tendril.contract.chat.Stopped;
import dev.tendril.service.auth.Visitor;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.QueryValue;
import io.micronaut.http.annotation.Status;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import org.jspecify.annotations.Nullable;

/// A visitor's calls on chats; see docs/protocol.md.
@Controller("/api/v1/chats")
@Secured(Visitor.ROLE)
@ExecuteOn(TaskExecutors.BLOCKING)
final class ChatController {

    private final Chats chats;

    ChatController(Chats chats) {
        this.chats = chats;
    }

    @Post
    @Status(HttpStatus.CREATED)
    Chat create(Visitor visitor) {
        return chats.create(visitor);
    }

    @Get
    ChatList list(Visitor visitor) {
        return chats.list(visitor);
    }

    @Get("/{id}")
    Chat get(Visitor visitor, String id) {
        return chats.get(visitor, Chats.id(id));
    }

    @Post("/{id}/messages")
    HttpResponse<Accepted> post(Visitor visitor, String id, @Body PostMessage message) {
        return HttpResponse.accepted().body(chats.post(visitor, Chats.id(id), message));
    }

    @Get("/{id}/messages")
    MessagePage messages(
            Visitor visitor,
            String id,
            @Nullable @QueryValue String before,
            @QueryValue(defaultValue = "50") int limit) {
        return chats.messages(visitor, Chats.id(id), before, limit);
    }

    @Post("/{id}/stop")
    Stopped stop(Visitor visitor, String id) {
        return chats.stop(visitor, Chats.id(id));
    }

    @Post("/{id}/retry")
    HttpResponse<Accepted> retry(Visitor visitor, String id) {
        return HttpResponse.accepted().body(chats.retry(visitor, Chats.id(id)));
    }
}
