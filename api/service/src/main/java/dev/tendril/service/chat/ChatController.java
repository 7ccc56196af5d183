package dev.tendril.service.chat;

import dev.tendril.contract.chat.Accepted;
import dev.tendril.contract.chat.Chat;
import dev.tendril.contract.chat.ChatList;
import dev.tendril.contract.chat.Feedback;
import dev.tendril.contract.chat.Marks;
import dev.tendril.contract.chat.MessagePage;
import dev.tendril.contract.chat.PinMessage;
import dev.tendril.contract.chat.PostMessage;
import dev.tendril.contract.chat.Stopped;
import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.service.auth.Callers;
import dev.tendril.service.auth.Visitor;
import dev.tendril.service.problem.ProblemException;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Delete;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.QueryValue;
import io.micronaut.http.annotation.Status;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.micronaut.serde.ObjectMapper;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// A visitor's calls on chats; see docs/protocol.md.
@Controller("/api/v1/chats")
@Secured(Visitor.ROLE)
@ExecuteOn(TaskExecutors.BLOCKING)
final class ChatController {

    private final Chats chats;
    private final ChatMarks marks;
    private final Callers callers;
    private final ObjectMapper json;

    ChatController(Chats chats, ChatMarks marks, Callers callers, ObjectMapper json) {
        this.chats = chats;
        this.marks = marks;
        this.callers = callers;
        this.json = json;
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
        return HttpResponse.accepted().body(chats.post(agreed(visitor), Chats.id(id), message));
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
        return HttpResponse.accepted().body(chats.retry(agreed(visitor), Chats.id(id)));
    }

    @Post("/{id}/regenerate")
    HttpResponse<Accepted> regenerate(Visitor visitor, String id) {
        return HttpResponse.accepted().body(chats.regenerate(agreed(visitor), Chats.id(id)));
    }

    @Delete("/{id}")
    @Status(HttpStatus.NO_CONTENT)
    void delete(Visitor visitor, String id) {
        marks.delete(visitor, Chats.id(id));
    }

    @Post("/{id}/feedback")
    @Status(HttpStatus.NO_CONTENT)
    void feedback(Visitor visitor, String id, @Body Feedback feedback) {
        marks.judge(visitor, Chats.id(id), feedback);
    }

    @Post("/{id}/pin")
    @Status(HttpStatus.NO_CONTENT)
    void pin(Visitor visitor, String id, @Body PinMessage pin) {
        marks.pin(visitor, Chats.id(id), pin.messageId());
    }

    @Get("/{id}/marks")
    Marks marks(Visitor visitor, String id) {
        return marks.marks(visitor, Chats.id(id));
    }

    /// The file is never shown as a page of the relay's: it is a download, and its policy is a
    /// sandbox.
    @Get("/{id}/transcript")
    HttpResponse<String> transcript(
            Visitor visitor, String id, @QueryValue(defaultValue = "md") String format)
            throws IOException {
        Transcript transcript = chats.transcript(visitor, Chats.id(id));
        return switch (format) {
            case "md" ->
                    file(
                            transcript.markdown(MailWords.english()),
                            "text/markdown;charset=utf-8",
                            "md");
            case "html" ->
                    file(
                            transcript.html(MailWords.english(), null),
                            "text/html;charset=utf-8",
                            "html");
            case "json" -> file(json.writeValueAsString(transcript), "application/json", "json");
            default ->
                    throw new ProblemException(
                            ErrorCode.INVALID_REQUEST, "format is md, html or json.");
        };
    }

    /// Nobody writes who has not agreed to what the site asks for.
    private Visitor agreed(Visitor visitor) {
        if (!callers.hasAgreed(visitor)) {
            throw ProblemException.of(ErrorCode.CONSENT_REQUIRED);
        }
        return visitor;
    }

    private static HttpResponse<String> file(String text, String type, String extension) {
        return HttpResponse.ok(text)
                .contentType(MediaType.of(type))
                .header("Content-Disposition", "attachment; filename=\"chat." + extension + "\"")
                .header(
                        "Content-Security-Policy",
                        "sandbox; default-src 'none'; style-src 'unsafe-inline'");
    }
}
