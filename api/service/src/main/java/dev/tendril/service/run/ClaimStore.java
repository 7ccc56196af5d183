package dev.tendril.service.run;

import dev.tendril.service.database.Tx;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

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

    /// Requests with the same key follow each other.
    private static final String LOCK_KEYS =
            """
            select pg_advisory_xact_lock(k.key)::text
              from (select hashtextextended(x.key, 7) as key from unnest(?::text[]) x (key) order by 1) k
            """;

    /// And so do all claims of a workspace with a limit. The claim must be a later statement than
    /// both: it sees what was committed while they waited.
    private static final String LOCK_LIMIT =
            """
            select max_running from workspace
             where id = ? and max_running is not null for no key update
            """;

    /// Seats are given round about, each request's first before anybody's second. The rows are
    /// found by an array, since a join with the locked ones may be planned as a scan of the whole
    /// table.
    static final String CLAIM =
            """
            with recursive who as materialized (
                select o.worker, o.instance, o.key, o.capacity, o.place,
                       exists (select from run
                                where state = 'running' and workspace_id = ? and worker_id = o.worker
                                  and claim_key = o.key) as known,
                       exists (select from worker
                                where id = o.worker
                                  and (draining or revoked_at is not null or instance <> o.instance)) as closed
                  from unnest(?::uuid[], ?::uuid[], ?::uuid[], ?::bigint[])
                       with ordinality o (worker, instance, key, capacity, place)
            ), seat as materialized (
                select w.worker, w.instance, w.key, row_number() over (order by n, w.place) as number
                  from who w cross join lateral generate_series(1, w.capacity) n
                 where not w.known and not w.closed
            ), room as materialized (
                select greatest(0, least((select count(*) from seat), w.max_running - case
                           when w.max_running is not null
                           then (select count(*) from run where state = 'running' and workspace_id = w.id)
                       end)) as most
                  from workspace w where w.id = ?
            ), line as (
                select p.pool, p.place, h.needs
                  from unnest(?::text[]) with ordinality p (pool, place)
                 cross join lateral (
                     select r.needs from run r
                      where r.state = 'ready' and r.workspace_id = ? and r.pool = p.pool
                      order by r.needs limit 1) h
                union all
                select l.pool, l.place, h.needs
                  from line l
                 cross join lateral (
                     select r.needs from run r
                      where r.state = 'ready' and r.workspace_id = ? and r.pool = l.pool and r.needs > l.needs
                      order by r.needs limit 1) h
            ), q as materialized (
                select f.id
                  from line l
                 cross join lateral (
                     select id, priority, ready_at from run
                      where state = 'ready' and workspace_id = ? and pool = l.pool and run.needs = l.needs
                      order by priority, ready_at, id
                      limit (select case when most > 0 then most + ? else 0 end from room)) f
                 where l.needs <@ ?::text[]
                 order by l.place, f.priority, f.ready_at, f.id
                 limit (select most + ? from room)
            ), c as materialized (
                select id, pool, priority, ready_at from run
                 where id = any(array(select id from q)) and state = 'ready'
                 order by array_position(?::text[], pool), priority, ready_at, id
                 limit (select most from room) for update skip locked
            ), t as (
                update run r
                   set state = 'running', attempt = attempt + 1, fence = fence + 1, lease_token = gen_random_uuid(),
                       worker_id = s.worker, instance = s.instance, claim_key = s.key, accepted_at = null,
                       next_batch = 1, lease_until = now() + make_interval(secs => ?),
                       deadline_at = coalesce(deadline_at, now() + make_interval(secs => ?))
                  from (select c.id, row_number() over (
                                   order by array_position(?::text[], c.pool), c.priority, c.ready_at, c.id) as number
                          from c) n
                  join seat s on s.number = n.number
                 where r.id = any(array(select id from c)) and r.id = n.id
                returning n.number, r.claim_key,
            """
                    + RunStore.COLUMNS
                    + """
                    ), claimed as (
                        select t.* from t
                        union all
                        select 0, r.claim_key,
                    """
                    + RunStore.COLUMNS
                    + """
                          from who w
                          join run r on r.state = 'running' and r.workspace_id = ?
                                    and r.worker_id = w.worker and r.claim_key = w.key
                         where w.known
                    )
                    select x.locked, claimed.*
                      from (select (select count(*) from c) < most and (select count(*) from q) >= most + ? as locked
                              from room) x
                      left join claimed on true
                     order by claimed.number, claimed.id
                    """;

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

    /// Takes ready runs for several requests of one workspace with the same offers: the first rows
    /// of the pools' lines that nobody else is taking. A key that has runs already gets those. In
    /// one way there and back, with the locks of a claim before it.
    ///
    /// @param who differ in their keys
    /// @param pools the first pool's runs go first
    /// @return runs by key
    Map<UUID, List<Run>> claim(Tx tx, List<Claimant> who, List<Integer> most, List<String> pools)
            throws SQLException {
        tx.fixedPlans();
        tx.later(
                LOCK_KEYS,
                (Object) who.stream().map(w -> w.key().toString()).toArray(String[]::new));
        tx.later(LOCK_LIMIT, who.getFirst().workspaceId());
        Claimed claimed = claim(tx, who, most, pools, SLACK);
        return claimed.locked() ? claim(tx, who, most, pools, MOST).runs() : claimed.runs();
    }

    private Claimed claim(
            Tx tx, List<Claimant> who, List<Integer> most, List<String> pools, int slack)
            throws SQLException {
        UUID workspace = who.getFirst().workspaceId();
        String[] wanted = pools.toArray(String[]::new);
        Map<UUID, List<Run>> runs = new HashMap<>();
        List<Boolean> locked =
                tx.list(
                        CLAIM,
                        row -> {
                            UUID key = row.getObject("claim_key", UUID.class);
                            if (key != null) {
                                runs.computeIfAbsent(key, _ -> new ArrayList<>())
                                        .add(RunStore.run(row));
                            }
                            return row.getBoolean("locked");
                        },
                        workspace,
                        who.stream().map(Claimant::workerId).toArray(UUID[]::new),
                        who.stream().map(Claimant::instance).toArray(UUID[]::new),
                        who.stream().map(Claimant::key).toArray(UUID[]::new),
                        most.stream().map(Integer::longValue).toArray(Long[]::new),
                        workspace,
                        wanted,
                        workspace,
                        workspace,
                        workspace,
                        slack,
                        who.getFirst().offers().toArray(String[]::new),
                        slack,
                        wanted,
                        lease.offerSeconds(),
                        Lease.DEADLINE_SECONDS,
                        wanted,
                        workspace,
                        slack);
        return new Claimed(!locked.isEmpty() && locked.getFirst(), runs);
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

    /// @param locked others were taking what there was to take
    private record Claimed(boolean locked, Map<UUID, List<Run>> runs) {}
}
