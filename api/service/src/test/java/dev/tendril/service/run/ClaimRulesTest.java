package dev.tendril.service.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.service.stream.Signals;
import dev.tendril.service.stream.Topic;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// Who gets which run, and when not.
@SuppressWarnings("NullAway.Init") // injected
@MicronautTest(transactional = false)
final class ClaimRulesTest extends QueueTest {

    @Inject Operator operator;
    @Inject Signals signals;
    @Inject TurnStore together;

    @Test
    void aRunGoesOnlyToWhoOffersAllThatItNeeds() {
        rules(null, List.of("tools", "model:m"), 100);
        Run run = post(chat(), "m1");
        assertEquals(List.of(), claim(5));
        assertEquals(List.of(), claim(5, "tools"));
        assertEquals(List.of(), claim(5, "model:other", "tools"));
        assertEquals(List.of(run.id()), ids(claim(5, "terminal", "tools", "model:m")));
    }

    @Test
    void whatNobodyOffersStandsInNobodysWay() {
        rules(null, List.of("tools"), 0);
        post(chat(), "m1");
        rules(null, List.of(), 100);
        sql(
                "update run set needs = '{tools}', priority = 0 where workspace_id = '%s'"
                        .formatted(workspace));
        Run plain = post(chat(), "m1");
        assertEquals(List.of(plain.id()), ids(claim(5)));
    }

    @Test
    void linesAreMergedInOrder() {
        List<Run> runs = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            rules(null, i % 2 == 0 ? List.of() : List.of("tools"), 100);
            Run run = post(chat(), "m1");
            sql(
                    "update run set needs = '%s' where id = %d"
                            .formatted(i % 2 == 0 ? "{}" : "{tools}", run.id()));
            runs.add(run);
        }
        for (Run run : runs) {
            assertEquals(List.of(run.id()), ids(claim(1, "tools")));
        }
    }

    @Test
    void lessPriorityGoesFirst() {
        Run late = post(chat(), "m1");
        sql("update run set priority = 200 where id = " + late.id());
        Run normal = post(chat(), "m1");
        Run soon = post(chat(), "m1");
        sql("update run set priority = 1 where id = " + soon.id());
        assertEquals(List.of(1, 2, 3), List.of(place(soon), place(normal), place(late)));
        for (Run expected : List.of(soon, normal, late)) {
            assertEquals(List.of(expected.id()), ids(claim(1)));
        }
    }

    @Test
    void aChatWithManyTurnsLetsTheOthersIn() {
        UUID busy = chat();
        List<Run> turns = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            turns.add(post(busy, "m" + i));
        }
        Run second = post(chat(), "m1");
        Run third = post(chat(), "m1");
        assertEquals(
                List.of(1, 2, 3), List.of(place(turns.getFirst()), place(second), place(third)));
        assertEquals(4, place(turns.get(1)), "behind everybody whose turn it is");
        assertEquals(5, place(turns.get(2)));

        List<Long> order = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            ClaimedRun run = claimOne();
            order.add(run.runId());
            complete(run, 1, start(run), FINISH);
        }
        assertEquals(
                List.of(
                        turns.get(0).id(),
                        second.id(),
                        third.id(),
                        turns.get(1).id(),
                        turns.get(2).id(),
                        turns.get(3).id()),
                order);
    }

    @Test
    void positionsAreTheOrderOfTheClaim() {
        List<UUID> chats = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            UUID chat = chat();
            chats.add(chat);
            for (int turn = 0; turn <= i % 3; turn++) {
                post(chat, "m" + turn);
            }
            sql("update run set priority = %d where stream_id = '%s'".formatted(i % 4, chat));
        }
        for (int left = 24; left > 0; left--) {
            List<HeadStatus> heads = turns.heads(workspace, chats);
            UUID first =
                    heads.stream()
                            .filter(head -> head.position() == 1)
                            .findFirst()
                            .orElseThrow()
                            .streamId();
            assertEquals(heads.size(), heads.stream().map(HeadStatus::position).distinct().count());
            ClaimedRun run = claimOne();
            assertEquals(first, run.chatId());
            complete(run, 1, start(run), FINISH);
        }
        assertEquals(List.of(), claim(1));
    }

    @Test
    void placesAreCountedToTheThousandth() {
        sql(
                """
                with s as (
                    insert into stream (workspace_id, kind)
                    select '%s', 'chat' from generate_series(1, 1005) returning id
                )
                insert into run (workspace_id, stream_id, kind, pool, state, ordinal, message_id, answer_id,
                                 accepted_seq, ready_at)
                select '%s', s.id, 'chat', 'chat', 'ready', 1, 'm', 'a', 0, now() - interval '1 h' from s
                """
                        .formatted(workspace, workspace));
        UUID chat = chat();
        Run head = post(chat, "m1");
        Run behind = post(chat, "m2");
        assertEquals(1000, place(head));
        assertEquals(1000, place(behind));
        assertEquals(
                List.of(1000),
                turns.heads(workspace, List.of(chat)).stream().map(HeadStatus::position).toList());
        sql(
                "delete from run where workspace_id = '%s' and message_id = 'm' and id %% 2 = 0"
                        .formatted(workspace));
        assertTrue(place(head) < 510, "counted exactly below");
    }

    @Test
    void sixteenClaimersNeverExceedTheLimitAndNobodySleepsOn() {
        int limit = 3;
        int runs = 60;
        rules(limit, List.of(), 100);
        for (int i = 0; i < runs; i++) {
            post(chat(), "m1");
        }
        AtomicInteger done = new AtomicInteger();
        Set<Integer> seen = ConcurrentHashMap.newKeySet();
        List<CompletableFuture<Void>> claimers = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            claimers.add(
                    async(() -> {
                        while (done.get() < runs) {
                            for (ClaimedRun run : claim(2)) {
                                seen.add(running());
                                complete(run, 1, start(run), FINISH);
                                done.incrementAndGet();
                            }
                        }
                        return null;
                    }));
        }
        claimers.forEach(CompletableFuture::join);
        assertEquals(runs, done.get());
        System.out.println("running at once under a limit of " + limit + ": " + seen);
        assertTrue(seen.stream().allMatch(running -> running <= limit), seen.toString());
        assertTrue(seen.contains(limit), seen.toString());
    }

    @Test
    void theEndOfARunTellsThoseWhomTheLimitKeptWaiting() {
        rules(1, List.of(), 100);
        post(chat(), "m1");
        ClaimedRun first = claimOne();
        Run second = post(chat(), "m1");
        assertEquals(List.of(), claim(1));
        var rung = new ConcurrentLinkedQueue<String>();
        try (var _ = signals.on(Topic.WORK, hint -> rung.add(hint.key()))) {
            complete(first, 1, start(first), FINISH);
            await("the bell", () -> rung.contains(workspace + "/chat"));
        }
        assertEquals(List.of(second.id()), ids(claim(1)));
    }

    @Test
    void newRulesHoldForWhatWaits() {
        UUID chat = chat();
        post(chat, "m1");
        Run waiting = post(chat, "m2");
        rules(null, List.of("tools"), 7);
        assertEquals(List.of(), claim(1));
        assertEquals(
                "{tools} 7",
                sql("select needs::text || ' ' || priority from run where id = " + waiting.id()));
        rules(null, List.of(), 100);
        assertEquals(1, claim(1).size());
        assertEquals(
                "2",
                sql(
                        "select count(*) from audit_entry where action = 'queue_rules_set' and workspace_id = '"
                                + workspace
                                + "'"));
    }

    private void rules(
            @org.jspecify.annotations.Nullable Integer limit, List<String> needs, int priority) {
        operator.set(workspace, new QueueRules(limit, needs, priority));
    }

    private int running() {
        return Integer.parseInt(
                sql(
                        "select count(*) from run where state = 'running' and workspace_id = '"
                                + workspace
                                + "'"));
    }

    private int place(Run run) {
        return transactions.read(tx -> together.position(tx, run));
    }

    private static List<Long> ids(List<ClaimedRun> runs) {
        return runs.stream().map(ClaimedRun::runId).toList();
    }
}
