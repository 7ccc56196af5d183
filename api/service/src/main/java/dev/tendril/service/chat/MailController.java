package dev.tendril.service.chat;

import dev.tendril.contract.mail.AskMail;
import dev.tendril.contract.mail.ConfirmMail;
import dev.tendril.contract.mail.MailRequest;
import dev.tendril.service.auth.ClientAddress;
import dev.tendril.service.auth.Visitor;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;

/// A chat by e-mail; see docs/protocol.md. Without a mail server none of these exists.
@Controller("/api/v1/chats/{id}/email")
@Secured(Visitor.ROLE)
@ExecuteOn(TaskExecutors.BLOCKING)
final class MailController {

    private final MailedChats chats;
    private final ClientAddress addresses;

    MailController(MailedChats chats, ClientAddress addresses) {
        this.chats = chats;
        this.addresses = addresses;
    }

    @Post
    HttpResponse<MailRequest> ask(
            Visitor visitor, String id, @Body AskMail wanted, HttpRequest<?> http) {
        return HttpResponse.accepted()
                .body(chats.ask(visitor, Chats.id(id), wanted, addresses.networkOf(http)));
    }

    @Post("/{request}/confirm")
    MailRequest confirm(Visitor visitor, String id, String request, @Body ConfirmMail given) {
        return chats.confirm(visitor, Chats.id(id), Chats.id(request), given);
    }

    @Get("/{request}")
    MailRequest get(Visitor visitor, String id, String request) {
        return chats.get(visitor, Chats.id(id), Chats.id(request));
    }
}
