package dev.tendril.service.chat;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tendril.contract.chat.ChatMessage;
import dev.tendril.contract.chat.Metadata;
import dev.tendril.contract.chat.Part;
import io.micronaut.serde.annotation.Serdeable;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A chat to take along: as data, as markdown, or as one page that loads nothing.
///
/// @param title the chat's; null when it has none
/// @param createdAt when it was opened
/// @param messages oldest first
/// @param consents what the visitor agreed to, oldest first
@Serdeable
@JsonInclude(JsonInclude.Include.NON_NULL)
record Transcript(
        @Nullable String title,
        Instant createdAt,
        List<ChatMessage> messages,
        List<Agreed> consents) {

    private static final String PAGE =
            """
            <!doctype html>
            <html lang="%s" dir="%s">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <meta name="robots" content="noindex">
            <title>%s</title>
            <style>
            body { max-width: 44rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.6 system-ui, sans-serif; }
            h2 { margin: 2rem 0 .25rem; font-size: .9rem; color: #57645d; }
            p { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
            .code { margin: 1rem 0; font: 600 1.75rem/1.2 ui-monospace, monospace; letter-spacing: .2em; }
            .foot { margin-top: 2.5rem; padding-top: 1rem; border-top: 1px solid #ddd; font-size: .9rem; color: #57645d; }
            .user { padding: .6rem 1rem; border-radius: 12px; background: #e8f0e8; }
            @media print { .user { border: 1px solid #999; } }
            </style>
            </head>
            <body>
            <h1 dir="auto">%s</h1>
            %s</body>
            </html>
            """;

    Transcript {
        messages = List.copyOf(messages);
        consents = List.copyOf(consents);
    }

    /// Markdown: a heading for each message, answers as they were written.
    String markdown(MailWords words) {
        var text = new StringBuilder("# ").append(line(heading(words))).append("\n");
        consents.forEach(one -> text.append("\n").append(one.say(words)).append("\n"));
        for (ChatMessage message : messages) {
            text.append("\n## ").append(who(words, message)).append("\n\n");
            text.append(text(words, message)).append("\n");
        }
        return text.toString();
    }

    /// One page in HTML. Everything that somebody wrote is text in it.
    ///
    /// @param foot below the last message; null for nothing
    String html(MailWords words, @Nullable String foot) {
        String agreed =
                consents.stream()
                        .map(one -> "<p>" + escaped(one.say(words)) + "</p>\n")
                        .collect(Collectors.joining());
        String body =
                messages.stream()
                        .map(message ->
                                "<h2>%s</h2>\n<p class=\"%s\" dir=\"auto\">%s</p>\n"
                                        .formatted(
                                                escaped(who(words, message)),
                                                message.role().equals("user")
                                                        ? "user"
                                                        : "assistant",
                                                escaped(text(words, message))))
                        .collect(Collectors.joining());
        return page(
                words,
                heading(words),
                foot == null
                        ? agreed + body
                        : agreed + body + "<p class=\"foot\">" + escaped(foot) + "</p>\n");
    }

    /// A page that loads nothing.
    ///
    /// @param body HTML
    static String page(MailWords words, String heading, String body) {
        String title = escaped(heading);
        return PAGE.formatted(words.language(), words.direction(), title, title, body);
    }

    private String heading(MailWords words) {
        return title == null || title.isBlank() ? words.say("chat") : title;
    }

    private static String who(MailWords words, ChatMessage message) {
        Metadata metadata = message.metadata();
        String at = metadata == null ? "" : moment(metadata.createdAt());
        String name = message.role().equals("user") ? words.say("you") : answerer(words, metadata);
        return name + at + outcome(words, metadata);
    }

    private static String answerer(MailWords words, @Nullable Metadata metadata) {
        return metadata == null || metadata.model() == null
                ? words.say("answer")
                : words.say("answer") + " (" + line(metadata.model()) + ")";
    }

    private static String moment(@Nullable Instant at) {
        return at == null ? "" : ", " + at.toString().replaceAll("\\.[0-9]+Z$", "Z");
    }

    private static String outcome(MailWords words, @Nullable Metadata metadata) {
        return metadata == null || metadata.state() == null
                ? ""
                : ", " + words.say(metadata.state());
    }

    /// The words, and the sources below them. Thoughts and tool calls stay out.
    private static String text(MailWords words, ChatMessage message) {
        var text = new StringBuilder();
        var sources = new StringBuilder();
        for (Part part : message.parts()) {
            switch (part) {
                case Part.Text(String said) -> text.append(said);
                case Part.SourceUrl source ->
                        sources.append("\n- ")
                                .append(source.title() == null ? "" : line(source.title()) + ": ")
                                .append(source.url());
                case Part.File file -> text.append(image(file));
                case Part.Reasoning _, Part.Tool _, Part.StepStart _ -> {}
            }
        }
        return sources.isEmpty()
                ? text.toString()
                : text + "\n\n" + words.say("sources") + ":\n" + sources;
    }

    /// Its name: the image itself is the visitor's alone.
    private static String image(Part.File file) {
        String name = file.filename() == null ? "" : ": " + line(file.filename());
        return "[Image" + name + "]\n\n";
    }

    private static String line(String text) {
        return text.replaceAll("\\s+", " ").strip();
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    /// The visitor agreed to a version of the site's consent text.
    @Serdeable
    record Agreed(int version, Instant at) {
        private String say(MailWords words) {
            return words.say("consent", "version", Integer.toString(version)) + moment(at);
        }
    }
}
