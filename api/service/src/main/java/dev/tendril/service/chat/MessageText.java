package dev.tendril.service.chat;

import dev.tendril.contract.chat.Part;
import dev.tendril.contract.chat.PostMessage;
import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.service.attachment.Attachments;
import dev.tendril.service.problem.ProblemException;
import java.util.List;
import java.util.regex.Pattern;

/// What a visitor may send.
final class MessageText {

    /// Longest message in Unicode code points, all parts together.
    static final int CHARACTERS = 4_000;

    private static final int PARTS = 16;
    private static final int IMAGES = 3;
    private static final int NAME_CHARACTERS = 120;
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,64}");

    private MessageText() {}

    /// The message's parts, text and images, with something in them.
    static List<Part> check(PostMessage message) {
        if (!ID.matcher(message.id()).matches()) {
            throw invalid("id has 1 to 64 of A-Z, a-z, 0-9, _ and -.");
        }
        if (message.parts().size() > PARTS) {
            throw invalid("A message has at most 16 parts.");
        }
        long characters = 0;
        boolean blank = true;
        int images = 0;
        for (Part part : message.parts()) {
            switch (part) {
                case Part.Text(String text) -> {
                    characters += text.codePointCount(0, text.length());
                    blank &= text.isBlank();
                }
                case Part.File file -> {
                    checkImage(file);
                    blank = false;
                    images++;
                }
                case Part.Reasoning _, Part.Tool _, Part.SourceUrl _, Part.StepStart _ ->
                        throw invalid("A message has text and image parts only.");
            }
        }
        if (images > IMAGES) {
            throw invalid("A message has at most 3 images.");
        }
        if (characters > CHARACTERS) {
            throw new ProblemException(
                    ErrorCode.TOO_LARGE, "A message has at most 4,000 characters.");
        }
        if (blank) {
            throw ProblemException.of(ErrorCode.MESSAGE_EMPTY);
        }
        for (Part part : message.parts()) {
            if (part instanceof Part.Text text && !storable(text.text())) {
                throw ProblemException.of(ErrorCode.INVALID_TEXT);
            }
        }
        return message.parts();
    }

    private static void checkImage(Part.File file) {
        if (Attachments.idOf(file) == null) {
            throw invalid("An image has the url that its upload was answered with.");
        }
        String name = file.filename();
        if (name != null
                && (name.length() > NAME_CHARACTERS
                        || !storable(name)
                        || name.chars().anyMatch(Character::isISOControl))) {
            throw invalid("A file name has at most 120 characters, on one line.");
        }
    }

    /// Whether a message has images.
    static boolean hasImages(List<Part> parts) {
        return parts.stream().anyMatch(Part.File.class::isInstance);
    }

    /// No NUL and no half of a surrogate pair.
    static boolean storable(String text) {
        return text.codePoints()
                .noneMatch(c ->
                        c == 0 || c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    }

    private static ProblemException invalid(String detail) {
        return new ProblemException(ErrorCode.INVALID_REQUEST, detail);
    }
}
