package dev.tendril.worker.tool.visitor;

import dev.tendril.worker.json.BadJson;
import dev.tendril.worker.json.Json;
import dev.tendril.worker.policy.Effect;
import dev.tendril.worker.tool.PlainText;
import dev.tendril.worker.tool.Tool;
import dev.tendril.worker.tool.ToolCard;
import dev.tendril.worker.tool.ToolContext;
import dev.tendril.worker.tool.ToolDenied;
import dev.tendril.worker.tool.ToolException;
import dev.tendril.worker.tool.ToolInput;
import dev.tendril.worker.tool.ToolResult;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// `file_request`: a wish or a bug report that the operator reads in `requests.jsonl`, one JSON
/// object a line, only ever appended to.
///
/// Five a day for each visitor, 200 a day for all, 4 MiB in all. The same wish in the same turn is
/// filed once, so a turn that another attempt continues files nothing twice.
public final class Requests implements Tool {
    private static final int PER_VISITOR = 5;
    private static final int PER_DAY = 200;
    private static final long MAX_BYTES = 4L * 1024 * 1024;
    private static final Duration DAY = Duration.ofDays(1);
    private static final ToolCard CARD =
            ToolCard.harmless(
                            "file_request",
                            "File a wish for the site's operator: something that is missing or"
                                    + " broken. Ask the visitor first. The operator reads it later;"
                                    + " promise nothing.",
                            """
                            {"type": "object",
                             "properties": {
                               "title": {"type": "string", "minLength": 3, "maxLength": 120},
                               "text": {"type": "string", "minLength": 3, "maxLength": 2000}},
                             "required": ["title", "text"], "additionalProperties": false}
                            """)
                    .with(Set.of(Effect.WRITES), true)
                    .ownWords();

    private final Path file;
    private final InstantSource clock;

    /// @param file need not exist yet
    /// @param clock for the rates
    public Requests(Path file, InstantSource clock) {
        this.file = file;
        this.clock = clock;
    }

    /// What was filed, as the operator reads it.
    ///
    /// @param at when
    /// @param visitor opaque; the same for requests of one chat
    /// @param title by the visitor, cleaned
    /// @param text by the visitor, cleaned
    public record Filed(Instant at, String visitor, String title, String text) {}

    /// All that was filed, oldest first. Lines that are broken are left out.
    ///
    /// @param file need not exist
    /// @throws IOException when it cannot be read
    public static List<Filed> read(Path file) throws IOException {
        List<Filed> all = new ArrayList<>();
        if (Files.notExists(file)) {
            return all;
        }
        for (String line : Files.readAllLines(file)) {
            try {
                Map<String, @Nullable Object> request = Json.readObject(line);
                all.add(
                        new Filed(
                                Instant.parse(String.valueOf(request.get("at"))),
                                String.valueOf(request.get("visitor")),
                                String.valueOf(request.get("title")),
                                String.valueOf(request.get("text"))));
            } catch (BadJson | DateTimeException e) {
                continue;
            }
        }
        return all;
    }

    @Override
    public ToolCard card() {
        return CARD;
    }

    @Override
    public ToolResult run(ToolInput input, ToolContext context) throws ToolException, IOException {
        Map<String, @Nullable Object> request = new LinkedHashMap<>();
        Instant now = clock.instant();
        request.put("at", now.toString());
        request.put("visitor", VisitorKey.of(context.visitor()));
        request.put("turn", VisitorKey.of(context.turn()));
        request.put("title", PlainText.clean(input.text("title")));
        request.put("text", PlainText.clean(input.text("text")));
        return file(request, now);
    }

    private synchronized ToolResult file(Map<String, @Nullable Object> request, Instant now)
            throws ToolException, IOException {
        List<Map<String, @Nullable Object>> today = today(now);
        for (Map<String, ?> earlier : today) {
            if (same(earlier, request, "turn") && same(earlier, request, "title")) {
                return ToolResult.of(Map.of("filed", true));
            }
        }
        long own = today.stream().filter(r -> same(r, request, "visitor")).count();
        if (own >= PER_VISITOR) {
            throw new ToolDenied("requests.visitor", "five requests a day are enough");
        }
        if (today.size() >= PER_DAY) {
            throw new ToolDenied("requests.day", "too many requests were filed today");
        }
        byte[] line = (Json.write(request) + "\n").getBytes(StandardCharsets.UTF_8);
        try (FileChannel channel =
                FileChannel.open(
                        file,
                        Set.of(
                                StandardOpenOption.CREATE,
                                StandardOpenOption.WRITE,
                                StandardOpenOption.APPEND,
                                LinkOption.NOFOLLOW_LINKS),
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")))) {
            if (channel.size() + line.length > MAX_BYTES) {
                throw new ToolDenied("requests.size", "the operator's box is full");
            }
            ByteBuffer buffer = ByteBuffer.wrap(wholeLine(line));
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(false);
        }
        return ToolResult.of(Map.of("filed", true));
    }

    /// Begins a new line after one that a crash has cut.
    private byte[] wholeLine(byte[] line) throws IOException {
        try (FileChannel end = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer last = ByteBuffer.allocate(1);
            boolean cut =
                    end.size() > 0 && end.read(last, end.size() - 1) == 1 && last.get(0) != '\n';
            if (!cut) {
                return line;
            }
            byte[] whole = new byte[line.length + 1];
            whole[0] = '\n';
            System.arraycopy(line, 0, whole, 1, line.length);
            return whole;
        }
    }

    private static boolean same(Map<String, ?> a, Map<String, ?> b, String field) {
        Object value = a.get(field);
        return value != null && value.equals(b.get(field));
    }

    /// A line that is no JSON, e.g. cut by a crash, is skipped.
    private List<Map<String, @Nullable Object>> today(Instant now) throws IOException {
        List<Map<String, @Nullable Object>> found = new ArrayList<>();
        if (Files.notExists(file)) {
            return found;
        }
        for (String line : Files.readAllLines(file)) {
            try {
                Map<String, @Nullable Object> request = Json.readObject(line);
                Instant at = Instant.parse(String.valueOf(request.get("at")));
                if (at.plus(DAY).isAfter(now)) {
                    found.add(request);
                }
            } catch (BadJson | DateTimeException e) {
                continue;
            }
        }
        return found;
    }
}
