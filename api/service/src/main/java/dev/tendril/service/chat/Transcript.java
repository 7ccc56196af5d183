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
@Serdeable
@JsonInclude(JsonInclude.Include.NON_NULL)
record Transcript(@Nullable String title, Instant createdAt, List<ChatMessage> messages) {

    private static final String PAGE =
            """
            <!doctype html>
            <html lang="und">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <meta name="robots" content="noindex">
            <title>%s</title>
            <style>
            body { max-width: 44rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.6 system-ui, sans-serif; }
            h2 { margin: 2rem 0 .25rem; font-size: .9rem; color: #57645d; }
            p { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
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
    }

    /// Markdown: a heading for each message, answers as they were written.
    String markdown() {
        var text = new StringBuilder("# ").append(line(heading())).append("\n");
        for (ChatMessage message : messages) {
            text.append("\n## ").append(who(message)).append("\n\n");
            text.append(text(message)).append("\n");
        }
        return text.toString();
    }

    /// One page in HTML. Everything that somebody wrote is text in it.
    String html() {
        String body =
                messages.stream()
                        .map(message ->
                                "<h2>%s</h2>\n<p class=\"%s\" dir=\"auto\">%s</p>\n"
                                        .formatted(
                                                escaped(who(message)),
                                                message.role().equals("user")
                                                        ? "user"
                                                        : "assistant",
                                                escaped(text(message))))
                        .collect(Collectors.joining());
        String heading = escaped(heading());
        return PAGE.formatted(heading, heading, body);
    }

    private String heading() {
        return title == null || title.isBlank() ? "Chat" : title;
    }

    private static String who(ChatMessage message) {
        Metadata metadata = message.metadata();
        String at = metadata == null ? "" : moment(metadata.createdAt());
        String name = message.role().equals("user") ? "You" : answerer(metadata);
        return name + at + outcome(metadata);
    }

    private static String answerer(@Nullable Metadata metadata) {
        return metadata == null || metadata.model() == null
                ? "Answer"
                : "Answer (" + line(metadata.model()) + ")";
    }

    private static String moment(@Nullable Instant at) {
        return at == null ? "" : ", " + at.toString().replaceAll("\\.[0-9]+Z$", "Z");
    }

    private static String outcome(@Nullable Metadata metadata) {
        return metadata == null || metadata.state() == null ? "" : ", " + metadata.state();
    }

    /// The words, and the sources below them. Thoughts and tool calls stay out.
    private static String text(ChatMessage message) {
        var text = new StringBuilder();
        var sources = new StringBuilder();
        for (Part part : message.parts()) {
            switch (part) {
                case Part.Text(String words) -> text.append(words);
                case Part.SourceUrl source ->
                        sources.append("\n- ")
                                .append(source.title() == null ? "" : line(source.title()) + ": ")
                                .append(source.url());
                case Part.File file -> text.append(image(file));
                case Part.Reasoning _, Part.Tool _, Part.StepStart _ -> {}
            }
        }
        return sources.isEmpty() ? text.toString() : text + "\n\nSources:\n" + sources;
    }

    /// Its name: the image itself is the visitor's alone.
    private static String image(Part.File file) {
        String name = file.filename() == null ? "" : ": " + line(file.filename());
        return "[Image" + name + "]\n\n";
    }

    private static String line(String text) {
        return text.replaceAll("\\s+", " ").strip();
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
