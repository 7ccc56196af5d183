package dev.tendril.service.run;

import dev.tendril.service.database.Tx;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// SQL of the claim.
///
/// Ready runs with equal needs form a line, in the order of priority and of the time at which each
/// became its chat's head. A claim jumps from line to line along the index, drops those whose needs
/// are not offered, and takes the first rows of the others: what cannot be claimed costs one step
/// per line, however long the line is.
@Singleton
final class ClaimStore {

    /// Lines are merged from this many rows more than are wanted, for those that others hold
    /// locked.
    private static final int SLACK = 32;

    private static final int MOST = 1_000;

    /// Requests with the same key follow each other, and so do all claims of a workspace with a
    /// limit. The look that counts must be a later statement: it sees what was committed while this
    /// one waited.
    private static final String BEGIN =
            """
            with w as (
                select max_running from workspace
                 where id = ? and max_running is not null for no key update
            )
            select pg_advisory_xact_lock(hashtextextended(?, 7))::text, (select max_running from w) as max_running
            """;

    static final String LOOK =
            """
            with recursive line as (
                select p.pool, h.needs
                  from unnest(?::text[]) p(pool)
                 cross join lateral (
                     select r.needs from run r
                      where r.state = 'ready' and r.workspace_id = ? and r.pool = p.pool
                      order by r.needs limit 1) h
                union all
                select l.pool, h.needs
                  from line l
                 cross join lateral (
                     select r.needs from run r
                      where r.state = 'ready' and r.workspace_id = ? and r.pool = l.pool and r.needs > l.needs
                      order by r.needs limit 1) h
            )
            select x.known, x.closed, x.running, line.pool, line.needs::text as needs
              from (select exists (select from run
                                    where state = 'running' and workspace_id = ? and worker_id = ? and claim_key = ?) as known,
                           exists (select from worker
                                    where id = ? and (draining or revoked_at is not null or instance <> ?::uuid)) as closed,
                           case when ? then (select count(*) from run where state = 'running' and workspace_id = ?)
                                else 0 end as running) x
              left join line on line.needs <@ ?::text[]
            """;

    private static final String CLAIMED =
            "select"
                    + RunStore.COLUMNS
                    + """
                    from run r
                    where r.state = 'running' and r.workspace_id = ? and r.worker_id = ? and r.claim_key = ?
                    order by r.id
                    """;

    /// By an array, since a join with the locked rows may be planned as a scan of the whole table.
    private static final String TAKE =
            """
            update run r
               set state = 'running', attempt = attempt + 1, fence = fence + 1, lease_token = gen_random_uuid(),
                   worker_id = ?, instance = ?, claim_key = ?, accepted_at = null, next_batch = 1,
                   lease_until = now() + make_interval(secs => ?),
                   deadline_at = coalesce(deadline_at, now() + make_interval(secs => ?))
             where r.id = any(array(select id from c))
            """
                    + RunStore.RETURNING;

    static final String CLAIM =
            """
            with c as (
                select id from run
                 where state = 'ready' and workspace_id = ? and pool = ? and needs = ?::text[]
                 order by priority, ready_at, id limit ? for update skip locked
            )
            """
                    + TAKE;

    static final String CLAIM_MERGED =
            """
            with q as materialized (
                select f.id
                  from unnest(?::text[]) line(needs)
                 cross join lateral (
                     select id, priority, ready_at from run
                      where state = 'ready' and workspace_id = ? and pool = ? and run.needs = line.needs::text[]
                      order by priority, ready_at, id limit ?) f
                 order by f.priority, f.ready_at, f.id limit ?
            ), c as (
                select id from run
                 where id = any(array(select id from q)) and state = 'ready'
                 order by priority, ready_at, id limit ? for update skip locked
            )
            """
                    + TAKE;

    private static final String READY_POOLS =
            """
            select k.key from unnest(?::text[]) k(key)
             where exists (select from run
                            where state = 'ready' and workspace_id = split_part(k.key, '/', 1)::uuid
                              and pool = split_part(k.key, '/', 2))
            """;

    private static final String HELD =
            """
            select id, case when state = 'running' then lease_token else ended_token end as token
              from run where id = any(?) and (state = 'running' or ended_token is not null)
            """;

    private final Lease lease;

    ClaimStore(Lease lease) {
        this.lease = lease;
    }

    /// Takes the locks of a claim.
    ///
    /// @return how many runs the workspace may have running; null when there is no limit
    @Nullable Integer begin(Tx tx, Claimant who) throws SQLException {
        Limit limit =
                tx.first(
                        BEGIN,
                        row -> new Limit(row.getObject("max_running", Integer.class)),
                        who.workspaceId(),
                        who.key().toString());
        return limit == null ? null : limit.runs();
    }

    /// What there is to claim.
    ///
    /// @param count whether to count what is running
    Look look(Tx tx, Claimant who, List<String> pools, boolean count) throws SQLException {
        List<Look> rows =
                tx.list(
                        LOOK,
                        row -> {
                            String pool = row.getString("pool");
                            return new Look(
                                    row.getBoolean("known"),
                                    row.getBoolean("closed"),
                                    row.getInt("running"),
                                    pool == null
                                            ? List.of()
                                            : List.of(new Line(pool, row.getString("needs"))));
                        },
                        pools.toArray(String[]::new),
                        who.workspaceId(),
                        who.workspaceId(),
                        who.workspaceId(),
                        who.workerId(),
                        who.key(),
                        who.workerId(),
                        who.instance(),
                        count,
                        who.workspaceId(),
                        who.offers().toArray(String[]::new));
        Look first = rows.getFirst();
        return new Look(
                first.known(),
                first.closed(),
                first.running(),
                rows.stream().flatMap(look -> look.lines().stream()).toList());
    }

    /// What this key has claimed already.
    List<Run> claimed(Tx tx, Claimant who) throws SQLException {
        return tx.list(CLAIMED, RunStore::run, who.workspaceId(), who.workerId(), who.key());
    }

    /// Takes the first rows of a pool's lines that nobody else is taking.
    ///
    /// @param needs of each line, as [#look] gave them
    List<Run> claim(Tx tx, Claimant who, String pool, List<String> needs, int most)
            throws SQLException {
        if (needs.size() == 1) {
            return tx.list(
                    CLAIM,
                    RunStore::run,
                    who.workspaceId(),
                    pool,
                    needs.getFirst(),
                    most,
                    who.workerId(),
                    who.instance(),
                    who.key(),
                    lease.offerSeconds(),
                    Lease.DEADLINE_SECONDS);
        }
        List<Run> runs = new ArrayList<>(merged(tx, who, pool, needs, most, most + SLACK));
        if (runs.size() < most) {
            runs.addAll(merged(tx, who, pool, needs, most - runs.size(), MOST));
        }
        return runs;
    }

    private List<Run> merged(
            Tx tx, Claimant who, String pool, List<String> needs, int most, int among)
            throws SQLException {
        return tx.list(
                CLAIM_MERGED,
                RunStore::run,
                needs.toArray(String[]::new),
                who.workspaceId(),
                pool,
                among,
                among,
                most,
                who.workerId(),
                who.instance(),
                who.key(),
                lease.offerSeconds(),
                Lease.DEADLINE_SECONDS);
    }

    /// Which of these pools, `<workspace>/<pool>`, have ready runs.
    List<String> readyPools(Tx tx, Collection<String> pools) throws SQLException {
        return tx.list(
                READY_POOLS, row -> row.getString("key"), (Object) pools.toArray(String[]::new));
    }

    List<HeldLease> held(Tx tx, Collection<Long> runs) throws SQLException {
        return tx.list(
                HELD,
                row -> new HeldLease(row.getLong("id"), Tx.uuid(row, "token")),
                (Object) runs.toArray(Long[]::new));
    }

    /// @param known this key has runs already
    /// @param closed this worker gets no work
    /// @param running in the workspace, if counted
    record Look(boolean known, boolean closed, int running, List<Line> lines) {}

    /// @param needs as the database writes an array
    record Line(String pool, String needs) {}

    private record Limit(@Nullable Integer runs) {}
}
