package dev.tendril.service.chat;

import dev.tendril.contract.chat.Part;
import dev.tendril.contract.chat.PostMessage;
import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.service.problem.ProblemException;
import java.util.List;
import java.util.regex.Pattern;

/// What a visitor may send.
final class MessageText {

    /// Longest message in Unicode code points, all parts together.
    static final int CHARACTERS = 4_000;

    private static final int PARTS = 16;
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,64}");

    private MessageText() {}

    /// The message's text parts, with something in them.
    static List<Part> check(PostMessage message) {
        if (!ID.matcher(message.id()).matches()) {
            throw invalid("id has 1 to 64 of A-Z, a-z, 0-9, _ and -.");
        }
        if (message.parts().size() > PARTS) {
            throw invalid("A message has at most 16 parts.");
        }
        long characters = 0;
        boolean blank = true;
        for (Part part : message.parts()) {
            if (!(part instanceof Part.Text text)) {
                throw invalid("A message has text parts only.");
            }
            characters += text.text().codePointCount(0, text.text().length());
            blank &= text.text().isBlank();
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
