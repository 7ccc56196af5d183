package dev.tendril.service.retention;

import dev.tendril.service.database.Tx;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// SQL of what is forgotten.
@Singleton
final class RetentionStore {

    private static final String ENDED =
            """
            select id, ended_at, stream_id from run
             where ended_at is not null and (compacted_at is null or compacted_at < ended_at)
               and ended_at < now() - make_interval(secs => ?) and (ended_at, id) > (?::timestamptz, ?)
             order by ended_at, id limit ?
            """;

    private static final String LOCK_STREAM =
            """
            select last_seq from stream where id = ? for update skip locked
            """;

    /// The first event of a run that has not ended, or not long enough ago.
    private static final String KEPT_FROM =
            """
            select min((select e.first_seq from event e where e.run_id = r.id order by e.first_seq limit 1)) as seq
              from run r
             where r.stream_id = ? and (r.ended_at is null or r.ended_at >= now() - make_interval(secs => ?))
            """;

    private static final String DROP_EVENTS =
            """
            with old as (
                select last_seq from event
                 where stream_id = ? and last_seq < ? order by last_seq limit ?
            ), dropped as (
                delete from event e using old where e.stream_id = ? and e.last_seq = old.last_seq
                returning e.last_seq
            )
            select count(*) as n, max(last_seq) as seq from dropped
            """;

    private static final String RETAIN_FROM =
            """
            update stream set retained_from = greatest(retained_from, ?) where id = ?
            """;

    private static final String COMPACTED =
            """
            update run r set compacted_at = now()
             where r.stream_id = ? and r.ended_at < now() - make_interval(secs => ?)
               and (r.compacted_at is null or r.compacted_at < r.ended_at)
               and not exists (select from event e where e.run_id = r.id)
            """;

    private static final String EXPIRED_CHATS =
            """
            select c.id from workspace w join chat c on c.workspace_id = w.id
             where c.last_message_at < now() - make_interval(days => w.retain_days)
               and not exists (select from run r
                                where r.stream_id = c.id and r.state in ('waiting', 'ready', 'running'))
             order by c.last_message_at limit ?
            """;

    private static final String STILL_EXPIRED =
            """
            select c.id from chat c join workspace w on w.id = c.workspace_id
             where c.id = ? and c.last_message_at < now() - make_interval(days => w.retain_days)
               and not exists (select from run r
                                where r.stream_id = c.id and r.state in ('waiting', 'ready', 'running'))
            """;

    private static final String DELETE_RUNS = "delete from run where stream_id = ?";

    private static final String DELETE_CHAT = "delete from chat where id = ?";

    private static final String DELETE_STREAM = "delete from stream where id = ?";

    private static final String DELETE_SESSIONS =
            """
            delete from visitor_session where id in (
                select s.id from visitor_session s
                 where s.expires_at < now() - interval '1 day'
                   and not exists (select from chat c where c.session_id = s.id)
                 order by s.expires_at limit ? for update skip locked)
            """;

    private static final String DELETE_UNSENT =
            """
            delete from attachment where id in (
                select id from attachment where chat_id is null and created_at < now() - interval '1 day'
                 order by created_at limit ? for update skip locked)
            """;

    private static final String DELETE_SPENT =
            """
            delete from spent_captcha where signature in (
                select signature from spent_captcha where expires_at < now()
                 order by expires_at limit ? for update skip locked)
            """;

    private static final String DELETE_TRACES =
            """
            delete from trace_span where (run_id, span_id) in (
                select run_id, span_id from trace_span where stored_at < now() - interval '7 days'
                 order by stored_at limit ? for update skip locked)
            """;

    private static final String DELETE_AUDIT =
            """
            delete from audit_entry where id in (
                select id from audit_entry where at < now() - make_interval(days => ?)
                 order by at limit ? for update skip locked)
            """;

    /// A day after the end, so that an operator can still see what there was.
    private static final String DELETE_SHARES =
            """
            delete from share_link where id in (
                select id from share_link where least(revoked_at, expires_at) < now() - interval '1 day'
                 order by least(revoked_at, expires_at) limit ? for update skip locked)
            """;

    private static final String ERASE_ADDRESSES =
            """
            update mail_request set address = null, code_hash = null
             where address is not null and expires_at < now()
            """;

    /// They are counted for a day.
    private static final String DELETE_MAIL_REQUESTS =
            """
            delete from mail_request where id in (
                select id from mail_request where created_at < now() - interval '2 days'
                 order by created_at limit ? for update skip locked)
            """;

    private static final String DELETE_MAIL =
            """
            delete from mail where id in (
                select id from mail where ended_at < now() - interval '2 days'
                 order by ended_at limit ? for update skip locked)
            """;

    /// Ended runs that still have events, the one that ended first at the beginning.
    ///
    /// @param after where the page before this one ended; null at the beginning
    List<EndedTurn> ended(Tx tx, Duration age, @Nullable EndedTurn after, int most)
            throws SQLException {
        return tx.list(
                ENDED,
                row ->
                        new EndedTurn(
                                row.getLong("id"),
                                row.getObject("ended_at", OffsetDateTime.class),
                                Tx.uuid(row, "stream_id")),
                seconds(age),
                after == null
                        ? OffsetDateTime.of(1970, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC)
                        : after.at(),
                after == null ? 0L : after.runId(),
                most);
    }

    /// Keeps writers of the stream away until the transaction ends.
    ///
    /// @return its last seq; null when there is no such stream, or somebody holds it
    @Nullable Long lockStream(Tx tx, UUID streamId) throws SQLException {
        return tx.first(LOCK_STREAM, row -> row.getLong("last_seq"), streamId);
    }

    /// Where a stream's events must be kept from; null when nothing must be kept.
    @Nullable Long keptFrom(Tx tx, UUID streamId, Duration age) throws SQLException {
        Seq seq =
                tx.first(KEPT_FROM, row -> new Seq(Tx.number(row, "seq")), streamId, seconds(age));
        return seq == null ? null : seq.value();
    }

    /// Drops the stream's first events before `seq`, and says so in the stream. The caller holds
    /// its lock.
    ///
    /// @return how many
    int dropEvents(Tx tx, UUID streamId, long seq, int most) throws SQLException {
        Dropped dropped =
                tx.first(
                        DROP_EVENTS,
                        row -> new Dropped(row.getInt("n"), Tx.number(row, "seq")),
                        streamId,
                        seq,
                        most,
                        streamId);
        if (dropped == null || dropped.last() == null) {
            return 0;
        }
        tx.update(RETAIN_FROM, dropped.last() + 1, streamId);
        return dropped.count();
    }

    /// Remembers of which runs nothing is left.
    void compacted(Tx tx, UUID streamId, Duration age) throws SQLException {
        tx.update(COMPACTED, streamId, seconds(age));
    }

    List<UUID> expiredChats(Tx tx, int most) throws SQLException {
        return tx.list(EXPIRED_CHATS, row -> Tx.uuid(row, "id"), most);
    }

    boolean stillExpired(Tx tx, UUID chatId) throws SQLException {
        return tx.first(STILL_EXPIRED, row -> Tx.uuid(row, "id"), chatId) != null;
    }

    /// Deletes a chat whose events are gone, with its messages and turns. The caller holds the
    /// stream's lock.
    void deleteChat(Tx tx, UUID chatId) throws SQLException {
        tx.update(DELETE_RUNS, chatId);
        tx.update(DELETE_CHAT, chatId);
        tx.update(DELETE_STREAM, chatId);
    }

    int deleteSessions(Tx tx, int most) throws SQLException {
        return tx.update(DELETE_SESSIONS, most);
    }

    /// Images that were never sent.
    int deleteUnsent(Tx tx, int most) throws SQLException {
        return tx.update(DELETE_UNSENT, most);
    }

    /// Solutions that would be refused as late now.
    int deleteSpent(Tx tx, int most) throws SQLException {
        return tx.update(DELETE_SPENT, most);
    }

    int deleteTraces(Tx tx, int most) throws SQLException {
        return tx.update(DELETE_TRACES, most);
    }

    int deleteAudit(Tx tx, int days, int most) throws SQLException {
        return tx.update(DELETE_AUDIT, days, most);
    }

    int deleteShares(Tx tx, int most) throws SQLException {
        return tx.update(DELETE_SHARES, most);
    }

    /// Addresses that were never confirmed.
    int eraseAddresses(Tx tx) throws SQLException {
        return tx.update(ERASE_ADDRESSES);
    }

    int deleteMail(Tx tx, int most) throws SQLException {
        return tx.update(DELETE_MAIL_REQUESTS, most) + tx.update(DELETE_MAIL, most);
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }

    record EndedTurn(long runId, OffsetDateTime at, UUID streamId) {}

    private record Seq(@Nullable Long value) {}

    private record Dropped(int count, @Nullable Long last) {}
}
