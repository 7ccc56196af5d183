package dev.tendril.service.retention;

import dev.tendril.service.database.Transactions;
import dev.tendril.service.database.Tx;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Forgets what is due, in transactions of at most 200 rows.
final class Pruning {

    private static final int ROWS = 200;
    private static final int AUDIT_DAYS = 365;

    private final Transactions transactions;
    private final RetentionStore store;
    private final Duration compactAfter;
    private final BooleanSupplier pause;

    /// @param compactAfter from a turn's end until its frames may go
    /// @param pause between two transactions; false: stop here, the rest is for another turn
    Pruning(
            Transactions transactions,
            RetentionStore store,
            Duration compactAfter,
            BooleanSupplier pause) {
        this.transactions = transactions;
        this.store = store;
        this.compactAfter = compactAfter;
        this.pause = pause;
    }

    /// Drops the frames of turns that ended long enough ago.
    ///
    /// @return events dropped
    int compact() {
        int dropped = 0;
        Set<UUID> seen = new HashSet<>();
        RetentionStore.EndedTurn last = null;
        while (true) {
            List<RetentionStore.EndedTurn> page = ended(last);
            if (page.isEmpty()) {
                return dropped;
            }
            last = page.getLast();
            for (RetentionStore.EndedTurn turn : page) {
                if (!seen.add(turn.streamId())) {
                    continue;
                }
                int rows;
                do {
                    rows = compact(turn.streamId());
                    dropped += rows;
                    if (!pause.getAsBoolean()) {
                        return dropped;
                    }
                } while (rows == ROWS);
            }
        }
    }

    /// Deletes chats that have been silent for longer than their workspace wants.
    ///
    /// @return chats deleted
    int deleteChats() {
        int deleted = 0;
        for (UUID chat : transactions.read(tx -> store.expiredChats(tx, ROWS))) {
            Step step;
            do {
                step = deleteChat(chat);
                if (step == Step.GONE) {
                    deleted++;
                }
                if (!pause.getAsBoolean()) {
                    return deleted;
                }
            } while (step == Step.MORE);
        }
        return deleted;
    }

    /// Erases addresses that nobody confirmed, deletes letters that ended two days ago, share links
    /// and sessions without a chat that ended a day ago, images that were not sent for a day,
    /// traces of a week ago, and audit entries of a year ago.
    ///
    /// @return rows deleted
    int deleteRest() {
        int deleted = transactions.write(store::eraseAddresses);
        deleted += whole(tx -> store.deleteMail(tx, ROWS));
        deleted += whole(tx -> store.deleteShares(tx, ROWS));
        deleted += whole(tx -> store.deleteSessions(tx, ROWS));
        deleted += whole(tx -> store.deleteUnsent(tx, ROWS));
        deleted += whole(tx -> store.deleteSpent(tx, ROWS));
        deleted += whole(tx -> store.deleteTraces(tx, ROWS));
        deleted += whole(tx -> store.deleteAudit(tx, AUDIT_DAYS, ROWS));
        return deleted;
    }

    private interface Rows {
        int delete(Tx tx) throws SQLException;
    }

    /// Again and again, until nothing is due or it is time to stop.
    private int whole(Rows due) {
        int deleted = 0;
        int rows;
        do {
            rows = transactions.write(due::delete);
            deleted += rows;
        } while (rows >= ROWS && pause.getAsBoolean());
        return deleted;
    }

    private List<RetentionStore.EndedTurn> ended(RetentionStore.@Nullable EndedTurn after) {
        return transactions.read(tx -> store.ended(tx, compactAfter, after, ROWS));
    }

    private int compact(UUID stream) {
        return transactions.write(tx -> {
            Long lastSeq = store.lockStream(tx, stream);
            if (lastSeq == null) {
                return 0;
            }
            // Asked after the lock: whoever queues or retries a turn holds it.
            Long kept = store.keptFrom(tx, stream, compactAfter);
            int rows = store.dropEvents(tx, stream, kept == null ? lastSeq + 1 : kept, ROWS);
            if (rows < ROWS) {
                store.compacted(tx, stream, compactAfter);
            }
            return rows;
        });
    }

    private Step deleteChat(UUID chat) {
        return transactions.write(tx -> {
            Long lastSeq = store.lockStream(tx, chat);
            if (lastSeq == null || !store.stillExpired(tx, chat)) {
                return Step.KEPT;
            }
            if (store.dropEvents(tx, chat, lastSeq + 1, ROWS) == ROWS) {
                return Step.MORE;
            }
            store.deleteChat(tx, chat);
            return Step.GONE;
        });
    }

    private enum Step {
        GONE,
        MORE,
        KEPT
    }
}
