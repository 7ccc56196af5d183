package dev.tendril.infra.chaos;

import dev.tendril.infra.mutant.Mutants;
import java.nio.file.Path;

/// How each guard looks in the relay's statements, and what stands there without it.
final class GuardRules {
    private static final String RUNS = "run/";
    private static final String EVENTS = "stream/";
    private static final String CHATS = "chat/";

    private GuardRules() {}

    /// @param folder where the agent reads which rule is in force
    static Mutants in(Path folder) throws Exception {
        String one = "where ? > 0";
        String many = "unnest(?::bigint[]";
        String finish = "using r where c.run_id = r.id";
        String finishMany = "using u where c.run_id = u.id";
        return new Mutants(folder)
                .rule("append-token", RUNS, one, "lease_token = ?", "(lease_token = ? or true)")
                .rule(
                        "append-token",
                        RUNS,
                        many,
                        "r.lease_token = x.token",
                        "(r.lease_token = x.token or true)")
                .rule(
                        "complete-token",
                        RUNS,
                        finish,
                        "lease_token = ? and",
                        "(lease_token = ? or true) and")
                .rule(
                        "complete-token",
                        RUNS,
                        finishMany,
                        "r.lease_token = y.token",
                        "(r.lease_token = y.token or true)")
                .rule(
                        "renew-token",
                        RUNS,
                        "set accepted_at = coalesce(accepted_at, now()), lease_until",
                        "lease_token = ?",
                        "(lease_token = ? or true)")
                .rule("append-batch", RUNS, one, "next_batch = ?", "(next_batch = ? or true)")
                .rule(
                        "append-batch",
                        RUNS,
                        many,
                        "r.next_batch = x.batch",
                        "(r.next_batch = x.batch or true)")
                .rule("complete-batch", RUNS, finish, "next_batch = ?", "(next_batch = ? or true)")
                .rule(
                        "complete-batch",
                        RUNS,
                        finishMany,
                        "r.next_batch = y.batch",
                        "(r.next_batch = y.batch or true)")
                .rule("fence", RUNS, "set state = 'running'", "fence = fence + 1", "fence = fence")
                .rule(
                        "fence",
                        RUNS,
                        "set state = 'ready', attempt = ?",
                        "fence = fence + 1",
                        "fence = fence")
                .rule(
                        "reap",
                        RUNS,
                        "r.state = 'running' and r.lease_until",
                        "r.lease_until < now()",
                        "r.lease_until < now() - interval '1 day'")
                .rule(
                        "promote",
                        RUNS,
                        "set state = 'ready', ready_at = now(), first_seq",
                        "order by ordinal limit 1",
                        "order by ordinal limit 0")
                .rule("promote", RUNS, "h.stream_id = w.stream_id", "limit 20", "limit 0")
                .rule(
                        "order",
                        RUNS,
                        "set state = 'ready', ready_at = now(), first_seq",
                        "order by ordinal limit 1",
                        "order by ordinal desc limit 1")
                .rule(
                        "head",
                        RUNS,
                        "x.busy",
                        "case when x.busy then 'waiting' else 'ready' end",
                        "'ready'")
                .rule("twice", RUNS, finish, "lease_token = ? and", "(lease_token = ? or true) and")
                .rule(
                        "twice",
                        RUNS,
                        finish,
                        "and state = 'running'",
                        "and state in ('running', 'done')")
                .rule(
                        "twice",
                        RUNS,
                        finishMany,
                        "r.lease_token = y.token",
                        "(r.lease_token = y.token or true)")
                .rule(
                        "twice",
                        RUNS,
                        finishMany,
                        "where r.state = 'running'",
                        "where r.state in ('running', 'done')")
                .rule(
                        "message",
                        RUNS,
                        "r.message_id = ?",
                        "r.message_id = ?",
                        "(r.message_id = ? and false)")
                .rule("message", CHATS, "select role from message", "id = ?", "id = ? and false")
                .rule(
                        "counter",
                        RUNS,
                        one,
                        "set last_seq = last_seq + ?",
                        "set last_seq = setval('loose', nextval('loose') + ? - 1)")
                .rule(
                        "counter",
                        RUNS,
                        many,
                        "set last_seq = last_seq + l.count",
                        "set last_seq = setval('loose', nextval('loose') + l.count - 1)")
                .rule(
                        "message",
                        CHATS,
                        "as known",
                        "m.id = x.message",
                        "m.id = x.message and false")
                .rule(
                        "message",
                        CHATS,
                        "as known",
                        "r.message_id = x.message",
                        "r.message_id = x.message and false")
                .rule(
                        "counter",
                        EVENTS,
                        "'message', x.frame",
                        "set last_seq = last_seq + 1",
                        "set last_seq = setval('loose', nextval('loose'))")
                .rule(
                        "fail-token",
                        RUNS,
                        "set state = 'failed', ended_at = now(), ended_token = lease_token",
                        "lease_token = ?",
                        "(lease_token = ? or true)")
                .rule(
                        "release-token",
                        RUNS,
                        "fence = fence + 1, ended_token = lease_token",
                        "lease_token = ?",
                        "(lease_token = ? or true)")
                .rule(
                        "counter",
                        RUNS,
                        finish,
                        "set last_seq = last_seq + ?",
                        "set last_seq = setval('loose', nextval('loose') + ? - 1)")
                .rule(
                        "counter",
                        RUNS,
                        finishMany,
                        "set last_seq = last_seq + l.count",
                        "set last_seq = setval('loose', nextval('loose') + l.count - 1)")
                .rule("async", "health/SchemaStore", "pg_settings", ", 'synchronous_commit'", "")
                .rule(
                        "counter",
                        EVENTS,
                        "returning id, workspace_id, last_seq",
                        "set last_seq = last_seq + ?",
                        "set last_seq = setval('loose', nextval('loose') + ? - 1)");
    }
}
