package dev.tendril.service.mail;

import dev.tendril.service.database.Tx;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// SQL of the outbox.
@Singleton
final class OutboxStore {

    private static final String PUT =
            """
            insert into mail (workspace_id, chat_id, kind, address, address_hash, subject, body_text,
                              body_html, language, give_up_at)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, now() + make_interval(secs => ?))
            returning id
            """;

    /// Marked before it is handed over: whatever happens then, nobody takes it a second time.
    private static final String TAKE =
            """
            update mail set state = 'sending', attempts = attempts + 1, claimed_until = now() + interval '10 min'
             where id = (select id from mail
                          where state = 'waiting' and next_at <= now() and give_up_at > now()
                          order by next_at limit 1 for update skip locked)
            returning id, workspace_id, kind, address, address_hash, subject, body_text, body_html,
                      language, attempts
            """;

    private static final String LATER =
            """
            update mail set state = 'waiting', next_at = now() + make_interval(secs => ?), claimed_until = null,
                   failure = ?
             where id = ? and state = 'sending'
            """;

    private static final String END =
            """
            update mail set state = ?, failure = ?, ended_at = now(), claimed_until = null,
                   address = null, subject = null, body_text = null, body_html = null
             where id = ? and state = 'sending'
            """;

    /// Letters whose sender is gone, and those that could not be sent for too long.
    private static final String GIVE_UP =
            """
            update mail set failure = case state when 'sending' then 'unknown' else coalesce(failure, 'expired') end,
                   state = 'failed', ended_at = now(), claimed_until = null,
                   address = null, subject = null, body_text = null, body_html = null
             where id in (select id from mail
                           where (state = 'sending' and claimed_until < now())
                              or (state = 'waiting' and give_up_at <= now())
                           limit 100 for update skip locked)
            returning id, workspace_id, kind, address_hash, attempts, failure
            """;

    private static final String AUDIT =
            """
            insert into audit_entry (workspace_id, actor, action, subject, detail)
            values (?, 'relay', ?, ?, jsonb_build_object(
                'kind', ?::text, 'address', ?::text, 'tries', ?::integer, 'why', ?::text))
            """;

    UUID put(Tx tx, Letter letter, byte[] addressHash) throws SQLException {
        UUID id =
                tx.first(
                        PUT,
                        row -> Tx.uuid(row, "id"),
                        letter.workspaceId(),
                        letter.chatId(),
                        letter.kind(),
                        letter.address().text(),
                        addressHash,
                        letter.content().subject(),
                        letter.content().text(),
                        letter.content().html(),
                        letter.language(),
                        seconds(letter.goodFor()));
        if (id == null) {
            throw new IllegalStateException("insert returned no row");
        }
        return id;
    }

    /// Takes the letter that has waited longest; null when none is due.
    @Nullable Due take(Tx tx) throws SQLException {
        return tx.first(
                TAKE,
                row ->
                        new Due(
                                Tx.uuid(row, "id"),
                                row.getString("address"),
                                row.getString("language"),
                                new Letter.Content(
                                        row.getString("subject"),
                                        row.getString("body_text"),
                                        row.getString("body_html")),
                                new Known(
                                        Tx.uuid(row, "id"),
                                        Tx.uuid(row, "workspace_id"),
                                        row.getString("kind"),
                                        hex(row.getBytes("address_hash")),
                                        row.getInt("attempts"),
                                        null)));
    }

    void later(Tx tx, UUID id, Duration pause, String why) throws SQLException {
        tx.update(LATER, seconds(pause), why, id);
    }

    /// Erases the address and the text, and says in the audit what became of the letter.
    ///
    /// @param failure null when it was sent
    void end(Tx tx, Known letter, @Nullable String failure) throws SQLException {
        if (tx.update(END, failure == null ? "sent" : "failed", failure, letter.id()) == 1) {
            audit(tx, letter, failure);
        }
    }

    /// @return letters given up
    int giveUp(Tx tx) throws SQLException {
        List<Known> given =
                tx.list(
                        GIVE_UP,
                        row ->
                                new Known(
                                        Tx.uuid(row, "id"),
                                        Tx.uuid(row, "workspace_id"),
                                        row.getString("kind"),
                                        hex(row.getBytes("address_hash")),
                                        row.getInt("attempts"),
                                        row.getString("failure")));
        for (Known letter : given) {
            audit(tx, letter, letter.failure());
        }
        return given.size();
    }

    private static void audit(Tx tx, Known letter, @Nullable String failure) throws SQLException {
        tx.update(
                AUDIT,
                letter.workspaceId(),
                failure == null ? "mail_sent" : "mail_failed",
                letter.id().toString(),
                letter.kind(),
                letter.addressHash(),
                letter.attempts(),
                failure);
    }

    private static String hex(byte[] hash) {
        return HexFormat.of().formatHex(hash, 0, 8);
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }

    /// @param address where to
    record Due(UUID id, String address, String language, Letter.Content content, Known known) {
        /// Without address and text.
        @Override
        public String toString() {
            return id.toString();
        }
    }

    /// What the log and the audit may know of a letter.
    record Known(
            UUID id,
            UUID workspaceId,
            String kind,
            String addressHash,
            int attempts,
            @Nullable String failure) {}
}
