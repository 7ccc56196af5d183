package dev.tendril.infra.ledger;

import dev.tendril.contract.chat.Part;
import dev.tendril.contract.frame.Frame;
import dev.tendril.contract.frame.FrameFolder;
import dev.tendril.infra.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// Finds what must not be in the database of a relay at rest.
public final class LedgerStore {

    private static final String UNENDED =
            """
            select 'run ' || id || ' never ended: ' || state from run
            where state in ('waiting', 'ready', 'running')
            """;

    private static final String NOT_ANSWERED_ONCE =
            """
            select 'run ' || r.id || ' (' || r.state || ') has ' || count(e.run_id) || ' done events'
            from run r join stream s on s.id = r.stream_id
                left join event e on e.run_id = r.id and e.kind = 'done'
            where coalesce(r.first_seq, r.accepted_seq) + 1 >= s.retained_from
            group by r.id, r.state
            having count(e.run_id) <> case r.state when 'done' then 1 else 0 end
            """;

    private static final String ASKED_TWICE =
            """
            select 'message ' || message_id || ' has ' || count(*) || ' runs' from run
            group by stream_id, message_id having count(*) > 1
            """;

    private static final String MESSAGE_WITHOUT_RUN =
            """
            select 'message ' || m.id || ' has no run' from message m
            where m.role = 'user' and not exists
                (select 1 from run r where r.stream_id = m.chat_id and r.message_id = m.id)
            """;

    private static final String DONE_WITHOUT_MESSAGE =
            """
            select 'run ' || r.id || ' is done, its answer is not in the history' from run r
            where r.state = 'done' and not exists
                (select 1 from message m where m.chat_id = r.stream_id and m.id = r.answer_id)
            """;

    private static final String GAP =
            """
            select 'stream ' || stream_id || ': event ' || first_seq || ' after ' || before
            from (select e.stream_id, e.first_seq,
                         lag(e.last_seq, 1, s.retained_from - 1)
                             over (partition by e.stream_id order by e.first_seq) before
                  from event e join stream s on s.id = e.stream_id) e
            where first_seq <> before + 1
            """;

    private static final String WRONG_END =
            """
            select 'stream ' || s.id || ' says ' || s.last_seq || ', its events end at '
                || coalesce(e.last, s.retained_from - 1)
            from stream s left join (select stream_id, max(last_seq) as last from event group by 1) e
                on e.stream_id = s.id
            where s.last_seq <> coalesce(e.last, s.retained_from - 1)
            """;

    private static final String WRONG_COUNT =
            """
            select 'stream ' || stream_id || ': event ' || first_seq || ' to ' || last_seq || ' has '
                || cardinality(string_to_array(rtrim(frames, E'\\n'), E'\\n')) || ' frames'
            from event
            where last_seq - first_seq + 1
                <> cardinality(string_to_array(rtrim(frames, E'\\n'), E'\\n'))
            """;

    private static final String STALE_WRITE =
            """
            select 'run ' || run_id || ': fence ' || fence || ' at ' || first_seq || ' after ' || before
            from (select run_id, first_seq, fence,
                         lag(fence) over (partition by run_id order by first_seq) before
                  from event where run_id is not null and fence is not null) e
            where fence < before
            """;

    private static final String OUT_OF_ORDER =
            """
            select 'run ' || run_id || ' ended before an earlier message''s'
            from (select r.id as run_id, e.first_seq,
                         lag(e.first_seq) over (partition by r.stream_id order by r.ordinal) before
                  from run r join event e on e.run_id = r.id and e.kind = 'done') d
            where first_seq < before
            """;

    private static final String ANSWERS =
            """
            select r.id, m.parts::text, e.frames
            from run r
            join message m on m.chat_id = r.stream_id and m.id = r.answer_id
            join event e on e.stream_id = r.stream_id and e.run_id = r.id and e.kind <> 'message'
            join stream s on s.id = r.stream_id
            where r.state = 'done' and coalesce(r.first_seq, r.accepted_seq) + 1 >= s.retained_from
            order by r.id, e.first_seq
            """;

    private static final String DONE_EVENTS =
            """
            select count(*) from event e join run r on r.id = e.run_id
            where e.kind = 'done' and r.stream_id = ?
            """;

    private static final String EVENTS =
            """
            select stream_id, first_seq, last_seq, run_id, fence, kind, frames from event
            order by stream_id, first_seq
            """;

    private static final String RUNS =
            """
            select id, stream_id, message_id, answer_id, state, ordinal, attempt, ended_token from run
            order by stream_id, ordinal
            """;

    private static final List<Check> CHECKS =
            List.of(
                    new Check(Invariant.I1B, UNENDED),
                    new Check(Invariant.I2, NOT_ANSWERED_ONCE),
                    new Check(Invariant.I2B, ASKED_TWICE),
                    new Check(Invariant.I1, MESSAGE_WITHOUT_RUN),
                    new Check(Invariant.I7, DONE_WITHOUT_MESSAGE),
                    new Check(Invariant.I3, GAP),
                    new Check(Invariant.I3, WRONG_END),
                    new Check(Invariant.I3, WRONG_COUNT),
                    new Check(Invariant.I5, STALE_WRITE),
                    new Check(Invariant.I4, OUT_OF_ORDER));

    private final String jdbcUrl;

    /// @param jdbcUrl of the relay's database, with user and password
    public LedgerStore(String jdbcUrl) {
        this.jdbcUrl = jdbcUrl;
    }

    /// Every violation, one sentence each; empty is what a drill wants. No run may be under way.
    public List<String> violations() throws SQLException, IOException {
        return findings().stream().map(Violation::what).toList();
    }

    /// The same, each with the invariant that it breaks.
    public List<Violation> findings() throws SQLException, IOException {
        var found = new ArrayList<Violation>();
        try (Connection connection = DriverManager.getConnection(jdbcUrl)) {
            for (Check check : CHECKS) {
                for (String sentence : rows(connection, check.statement)) {
                    found.add(new Violation(check.invariant, sentence));
                }
            }
            for (String sentence : foldedOtherwise(connection)) {
                found.add(new Violation(Invariant.I6, sentence));
            }
        }
        return found;
    }

    /// The whole log, stream by stream.
    public List<StoredEvent> events() throws SQLException, IOException {
        var found = new ArrayList<StoredEvent>();
        try (Connection connection = DriverManager.getConnection(jdbcUrl);
                PreparedStatement query = connection.prepareStatement(EVENTS);
                ResultSet rows = query.executeQuery()) {
            while (rows.next()) {
                found.add(
                        new StoredEvent(
                                rows.getObject(1, UUID.class),
                                rows.getLong(2),
                                rows.getLong(3),
                                rows.getObject(4, Long.class),
                                rows.getObject(5, Long.class),
                                rows.getString(6),
                                frames(rows.getString(7))));
            }
        }
        return found;
    }

    /// All turns, stream by stream in their order.
    public List<StoredRun> runs() throws SQLException {
        var found = new ArrayList<StoredRun>();
        try (Connection connection = DriverManager.getConnection(jdbcUrl);
                PreparedStatement query = connection.prepareStatement(RUNS);
                ResultSet rows = query.executeQuery()) {
            while (rows.next()) {
                found.add(
                        new StoredRun(
                                rows.getLong(1),
                                rows.getObject(2, UUID.class),
                                rows.getString(3),
                                rows.getString(4),
                                rows.getString(5),
                                rows.getLong(6),
                                rows.getInt(7),
                                rows.getObject(8, UUID.class)));
            }
        }
        return found;
    }

    /// Runs that are under way or wait.
    public List<String> unended() throws SQLException {
        try (Connection connection = DriverManager.getConnection(jdbcUrl)) {
            return rows(connection, UNENDED);
        }
    }

    /// How many answers of a chat are done.
    public int doneEvents(UUID chat) throws SQLException {
        try (Connection connection = DriverManager.getConnection(jdbcUrl);
                PreparedStatement query = connection.prepareStatement(DONE_EVENTS)) {
            query.setObject(1, chat);
            try (ResultSet rows = query.executeQuery()) {
                rows.next();
                return rows.getInt(1);
            }
        }
    }

    private static List<String> rows(Connection connection, String statement) throws SQLException {
        var found = new ArrayList<String>();
        try (PreparedStatement query = connection.prepareStatement(statement);
                ResultSet rows = query.executeQuery()) {
            while (rows.next()) {
                found.add(rows.getString(1));
            }
        }
        return found;
    }

    /// Answers whose history is not what their frames say.
    private static List<String> foldedOtherwise(Connection connection)
            throws SQLException, IOException {
        record Stored(List<Part> parts, List<Frame> frames) {}
        Map<Long, Stored> answers = new LinkedHashMap<>();
        try (PreparedStatement query = connection.prepareStatement(ANSWERS);
                ResultSet rows = query.executeQuery()) {
            while (rows.next()) {
                byte[] parts = rows.getString(2).getBytes(StandardCharsets.UTF_8);
                Stored stored = answers.get(rows.getLong(1));
                if (stored == null) {
                    stored = new Stored(Json.list(parts, Part.class), new ArrayList<>());
                    answers.put(rows.getLong(1), stored);
                }
                stored.frames.addAll(frames(rows.getString(3)));
            }
        }
        var found = new ArrayList<String>();
        answers.forEach((run, stored) -> {
            // A retried run has its frames of before in the log too; the last start counts.
            int start = 0;
            for (int i = 0; i < stored.frames.size(); i++) {
                if (stored.frames.get(i) instanceof Frame.Start) {
                    start = i;
                }
            }
            List<Part> folded =
                    FrameFolder.fold(stored.frames.subList(start, stored.frames.size()));
            if (!folded.equals(stored.parts)) {
                found.add("run " + run + ": history is not what its frames say");
            }
        });
        return found;
    }

    private static List<Frame> frames(String lines) throws IOException {
        var frames = new ArrayList<Frame>();
        for (String line : lines.split("\n")) {
            if (!line.isEmpty()) {
                frames.add(Json.read(line.getBytes(StandardCharsets.UTF_8), Frame.class));
            }
        }
        return frames;
    }

    private record Check(Invariant invariant, String statement) {}
}
