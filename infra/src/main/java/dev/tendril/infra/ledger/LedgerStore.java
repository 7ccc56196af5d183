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

    private final String jdbcUrl;

    /// @param jdbcUrl of the relay's database, with user and password
    public LedgerStore(String jdbcUrl) {
        this.jdbcUrl = jdbcUrl;
    }

    /// Every violation, one sentence each; empty is what a drill wants. No run may be under way.
    public List<String> violations() throws SQLException, IOException {
        var found = new ArrayList<String>();
        try (Connection connection = DriverManager.getConnection(jdbcUrl)) {
            for (String statement :
                    List.of(
                            UNENDED,
                            NOT_ANSWERED_ONCE,
                            ASKED_TWICE,
                            MESSAGE_WITHOUT_RUN,
                            DONE_WITHOUT_MESSAGE,
                            GAP,
                            WRONG_END,
                            WRONG_COUNT,
                            STALE_WRITE,
                            OUT_OF_ORDER)) {
                found.addAll(rows(connection, statement));
            }
            found.addAll(foldedOtherwise(connection));
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
                for (String line : rows.getString(3).split("\n")) {
                    if (!line.isEmpty()) {
                        stored.frames.add(
                                Json.read(line.getBytes(StandardCharsets.UTF_8), Frame.class));
                    }
                }
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
}
