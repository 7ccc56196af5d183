package dev.tendril.worker.terminal.session;

import dev.tendril.contract.channel.Scope;
import dev.tendril.contract.channel.StreamEnd;
import dev.tendril.worker.channel.ChannelStream;
import dev.tendril.worker.channel.EnrolledDevice;
import dev.tendril.worker.channel.StreamHandler;
import dev.tendril.worker.json.BadJson;
import dev.tendril.worker.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What devices may do with sessions: one stream of requests, and one stream for each attached
/// session.
public final class TerminalStreams {

    private static final Logger LOG = LoggerFactory.getLogger(TerminalStreams.class);
    private static final int SEND_BYTES = 32 << 10;

    private final Terminals terminals;

    /// @param terminals of this worker
    public TerminalStreams(Terminals terminals) {
        this.terminals = terminals;
    }

    /// Streams of requests: `{"do": "list" | "create" | "rename" | "close", …}`.
    public StreamHandler requests() {
        return new StreamHandler() {
            @Override
            public Scope needed() {
                return Scope.TERMINAL;
            }

            @Override
            public ChannelStream.Reader open(
                    ChannelStream stream, EnrolledDevice device, byte[] opening) {
                return new ChannelStream.Reader() {
                    @Override
                    public void message(byte[] message) throws InterruptedException {
                        stream.consumed(message.length);
                        stream.send(
                                Json.write(answer(message, device))
                                        .getBytes(StandardCharsets.UTF_8));
                    }

                    @Override
                    public void closed(StreamEnd end) {}
                };
            }
        };
    }

    /// Streams of terminal frames; the opening says `{"session", "columns", "rows", "have"?,
    /// "watch"?}`.
    public StreamHandler attachments() {
        return new StreamHandler() {
            @Override
            public Scope needed() {
                return Scope.TERMINAL;
            }

            @Override
            public ChannelStream.Reader open(
                    ChannelStream stream, EnrolledDevice device, byte[] opening) {
                return attach(stream, opening);
            }
        };
    }

    private Map<String, Object> answer(byte[] message, EnrolledDevice device)
            throws InterruptedException {
        try {
            Map<String, @Nullable Object> asked =
                    Json.readObject(new String(message, StandardCharsets.UTF_8));
            return switch (text(asked, "do")) {
                case "list" -> Map.of("sessions", rows());
                case "create" -> {
                    TerminalSession made =
                            terminals.create(
                                    text(asked, "name"),
                                    command(asked),
                                    asked.get("folder") instanceof String folder ? folder : null,
                                    number(asked, "columns"),
                                    number(asked, "rows"));
                    LOG.info("Device {} opened the session {}", device.label(), made.name());
                    yield Map.of("session", made.id());
                }
                case "rename" -> {
                    terminals.rename(session(asked), text(asked, "name"));
                    yield Map.of("done", true);
                }
                case "close" -> {
                    TerminalSession ended = session(asked);
                    terminals.end(ended);
                    LOG.info("Device {} closed the session {}", device.label(), ended.name());
                    yield Map.of("done", true);
                }
                default -> Map.of("failed", "This worker does not know that request.");
            };
        } catch (BadJson | IOException | IllegalArgumentException e) {
            return Map.of("failed", String.valueOf(e.getMessage()));
        }
    }

    private List<Object> rows() {
        List<Object> rows = new ArrayList<>();
        for (TerminalSession.Listed one : terminals.list()) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("id", one.id());
            row.put("name", one.name());
            row.put("status", one.status());
            row.put("columns", one.columns());
            row.put("rows", one.rows());
            row.put("createdAt", one.createdAtMillis());
            row.put("viewers", one.viewers());
            row.put("title", one.title());
            rows.add(row);
        }
        return rows;
    }

    private TerminalSession session(Map<String, @Nullable Object> asked) throws IOException {
        String name = text(asked, "session");
        TerminalSession session = terminals.find(name);
        if (session == null) {
            throw new IOException("There is no session " + name + ".");
        }
        return session;
    }

    private static String text(Map<String, @Nullable Object> asked, String name) {
        if (asked.get(name) instanceof String text) {
            return text;
        }
        throw new IllegalArgumentException("Say " + name + ".");
    }

    private static int number(Map<String, @Nullable Object> asked, String name) {
        if (asked.get(name) instanceof Number number) {
            return number.intValue();
        }
        throw new IllegalArgumentException("Say " + name + ".");
    }

    private static List<String> command(Map<String, @Nullable Object> asked) {
        List<String> command = new ArrayList<>();
        if (asked.get("command") instanceof List<?> words) {
            for (Object word : words) {
                command.add(String.valueOf(word));
            }
        }
        return command;
    }

    private ChannelStream.Reader attach(ChannelStream stream, byte[] opening) {
        TerminalSession.Viewer viewer = null;
        String why = "There is no such session.";
        try {
            Map<String, @Nullable Object> asked =
                    Json.readObject(new String(opening, StandardCharsets.UTF_8));
            long have = asked.get("have") instanceof Number number ? number.longValue() : -1;
            viewer =
                    session(asked)
                            .join(
                                    Boolean.TRUE.equals(asked.get("watch")),
                                    number(asked, "columns"),
                                    number(asked, "rows"),
                                    have);
            if (viewer == null) {
                why = "As many watch this session as may.";
            }
        } catch (BadJson | IOException | IllegalArgumentException e) {
            why = String.valueOf(e.getMessage());
        }
        TerminalSession.Viewer joined = viewer;
        String refusal = why;
        Thread.ofVirtual()
                .name("viewer")
                .start(() -> {
                    try {
                        if (joined == null) {
                            stream.send(new TerminalFrame.Refused(refusal).encode());
                        } else {
                            show(stream, joined);
                        }
                        stream.close(StreamEnd.DONE);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    } finally {
                        if (joined != null) {
                            joined.gone();
                        }
                    }
                });
        return new Hands(stream, joined);
    }

    private static void show(ChannelStream stream, TerminalSession.Viewer viewer)
            throws InterruptedException {
        TerminalFrame frame = viewer.next(SEND_BYTES);
        while (frame != null && stream.send(frame.encode())) {
            frame = viewer.next(SEND_BYTES);
        }
    }

    /// What a viewer does. Anything that is no frame, or that it may not do, ends its stream.
    private record Hands(ChannelStream stream, TerminalSession.@Nullable Viewer viewer)
            implements ChannelStream.Reader {
        @Override
        public void message(byte[] message) throws InterruptedException {
            TerminalSession.Viewer who = viewer;
            if (who == null) {
                return;
            }
            boolean fine;
            try {
                fine =
                        switch (TerminalFrame.decode(message)) {
                            case TerminalFrame.Input f -> who.input(f.offset(), f.bytes());
                            case TerminalFrame.Size f -> {
                                who.size(f.columns(), f.rows());
                                yield true;
                            }
                            case TerminalFrame.Output _,
                                    TerminalFrame.Snapshot _,
                                    TerminalFrame.State _,
                                    TerminalFrame.Exit _,
                                    TerminalFrame.Typed _,
                                    TerminalFrame.Refused _ ->
                                    false;
                        };
            } catch (IllegalArgumentException e) {
                fine = false;
            }
            stream.consumed(message.length);
            if (!fine) {
                who.gone();
                stream.close(StreamEnd.FORBIDDEN);
            }
        }

        @Override
        public void closed(StreamEnd end) {
            if (viewer != null) {
                viewer.gone();
            }
        }
    }
}
