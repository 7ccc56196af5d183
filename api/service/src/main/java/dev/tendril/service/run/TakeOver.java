package dev.tendril.service.run;

import dev.tendril.service.database.Transactions;
import jakarta.inject.Singleton;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A worker's new process takes the place of the one before: what that one held is put back at
/// once, since one token is one worker, and whoever died and came back need not wait for its own
/// lease.
@Singleton
public final class TakeOver {

    private static final Logger LOG = LoggerFactory.getLogger(TakeOver.class);
    private static final int MOST = 500;

    private final Transactions transactions;
    private final RunStore store;
    private final RunEnd ending;

    TakeOver(Transactions transactions, RunStore store, RunEnd ending) {
        this.transactions = transactions;
        this.store = store;
        this.ending = ending;
    }

    /// Puts back, or ends after its last attempt, every run that another process of this worker
    /// holds. Runs of processes that did not name themselves stay. May be repeated.
    ///
    /// @return how many
    public int from(UUID workspaceId, UUID workerId, UUID instance) {
        int taken = 0;
        while (taken < MOST && takeOne(workspaceId, workerId, instance) != null) {
            taken++;
        }
        if (taken > 0) {
            LOG.info("Worker {} came back; {} runs of its former process", workerId, taken);
        }
        return taken;
    }

    private @Nullable Run takeOne(UUID workspaceId, UUID workerId, UUID instance) {
        return transactions.write(tx -> {
            Run run = store.heldByOther(tx, workspaceId, workerId, instance);
            return run == null ? null : ending.lost(tx, run);
        });
    }
}
