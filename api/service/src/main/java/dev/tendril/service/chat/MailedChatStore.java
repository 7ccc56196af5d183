package dev.tendril.service.chat;

import dev.tendril.contract.mail.MailRequest;
import dev.tendril.service.auth.Visitor;
import dev.tendril.service.database.Tx;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// SQL of chats that are asked for by e-mail.
@Singleton
final class MailedChatStore {

    /// One at a time in a workspace, so that the counts hold.
    private static final String COUNT_ALONE =
            """
            select pg_advisory_xact_lock(hashtextextended('mail ' || ?::text, 0))
            """;

    private static final String COUNT =
            """
            select count(*) filter (where r.session_id = ?) as visitor,
                   count(*) filter (where r.address_hash = ?) as address,
                   count(*) as site
              from mail_request r
              left join mail m on m.id = coalesce(r.mail, r.code_mail)
             where r.workspace_id = ? and r.created_at > now() - interval '24 h'
               and (m.state is null or m.state <> 'failed')
            """;

    private static final String ASK =
            """
            insert into mail_request (id, workspace_id, session_id, chat_id, address, address_hash, code_hash,
                                      language, code_mail, expires_at)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, now() + interval '15 min')
            """;

    private static final String SITE = "select title from workspace where id = ?";

    private static final String OPEN =
            """
            select id, address, code_hash, language from mail_request
             where id = ? and workspace_id = ? and session_id = ? and chat_id = ?
               and confirmed_at is null and expires_at > now() and tries_left > 0
               and address is not null and code_hash is not null
               for update
            """;

    private static final String WRONG =
            """
            update mail_request
               set tries_left = tries_left - 1,
                   address = case when tries_left > 1 then address end,
                   code_hash = case when tries_left > 1 then code_hash end
             where id = ?
            """;

    /// From here on the letter has the address, until it has ended.
    private static final String CONFIRM =
            """
            update mail_request set confirmed_at = now(), mail = ?, address = null, code_hash = null where id = ?
            """;

    private static final String STATE =
            """
            select r.id, r.tries_left, r.expires_at,
                   case when r.confirmed_at is not null then
                             case m.state when 'sent' then 'sent' when 'failed' then 'failed' else 'queued' end
                        when c.state = 'failed' then 'failed'
                        when r.expires_at <= now() or r.tries_left <= 0 then 'ended'
                        else 'asked' end as state
              from mail_request r
              left join mail m on m.id = r.mail
              left join mail c on c.id = r.code_mail
             where r.id = ? and r.workspace_id = ? and r.session_id = ? and r.chat_id = ?
            """;

    /// The caller asks and then counts this one too, before anybody else.
    Counts counts(Tx tx, Visitor visitor, byte[] addressHash) throws SQLException {
        tx.first(COUNT_ALONE, _ -> true, visitor.workspaceId());
        Counts counts =
                tx.first(
                        COUNT,
                        row ->
                                new Counts(
                                        row.getInt("visitor"),
                                        row.getInt("address"),
                                        row.getInt("site")),
                        visitor.sessionId(),
                        addressHash,
                        visitor.workspaceId());
        if (counts == null) {
            throw new IllegalStateException("count returned no row");
        }
        return counts;
    }

    String site(Tx tx, UUID workspaceId) throws SQLException {
        String title = tx.first(SITE, row -> row.getString("title"), workspaceId);
        return title == null ? "" : title;
    }

    void ask(Tx tx, Visitor visitor, Asked asked, UUID codeMail) throws SQLException {
        tx.update(
                ASK,
                asked.id(),
                visitor.workspaceId(),
                visitor.sessionId(),
                asked.chatId(),
                asked.address(),
                asked.addressHash(),
                asked.codeHash(),
                asked.language(),
                codeMail);
    }

    /// The request, locked, as long as its code may still be given.
    @Nullable Open open(Tx tx, Visitor visitor, UUID chatId, UUID id) throws SQLException {
        return tx.first(
                OPEN,
                row ->
                        new Open(
                                Tx.uuid(row, "id"),
                                row.getString("address"),
                                row.getBytes("code_hash"),
                                row.getString("language")),
                id,
                visitor.workspaceId(),
                visitor.sessionId(),
                chatId);
    }

    void wrong(Tx tx, UUID id) throws SQLException {
        tx.update(WRONG, id);
    }

    void confirm(Tx tx, UUID id, UUID mail) throws SQLException {
        tx.update(CONFIRM, mail, id);
    }

    @Nullable MailRequest state(Tx tx, Visitor visitor, UUID chatId, UUID id) throws SQLException {
        return tx.first(
                STATE,
                row ->
                        new MailRequest(
                                Tx.uuid(row, "id"),
                                row.getString("state"),
                                Math.max(0, row.getInt("tries_left")),
                                Tx.instant(row, "expires_at")),
                id,
                visitor.workspaceId(),
                visitor.sessionId(),
                chatId);
    }

    /// Requests of the last 24 h, without those that could not be delivered.
    record Counts(int visitor, int address, int site) {}

    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Asked(
            UUID id,
            UUID chatId,
            String address,
            byte[] addressHash,
            byte[] codeHash,
            String language) {}

    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Open(UUID id, String address, byte[] codeHash, String language) {}
}
