package dev.tendril.service.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.frame.Frame;
import dev.tendril.contract.run.ClaimedRun;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.Test;

/// Everybody at once.
@MicronautTest(transactional = false)
final class RaceTest extends QueueTest {

    private static final int ROUNDS = 60;

    @Test
    void eightClaimersNeverGetTheSameRun() {
        int runs = 200;
        for (int i = 0; i < runs; i++) {
            post(chat(), "m1");
        }
        List<CompletableFuture<List<Long>>> claimers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            claimers.add(
                    async(() -> {
                        List<Long> mine = new ArrayList<>();
                        for (List<ClaimedRun> taken = claim(3);
                                !taken.isEmpty();
                                taken = claim(3)) {
                            taken.forEach(run -> mine.add(run.runId()));
                        }
                        return mine;
                    }));
        }
        List<Long> all = new ArrayList<>();
        claimers.forEach(claimer -> all.addAll(claimer.join()));
        Set<Long> distinct = new HashSet<>(all);
        assertEquals(runs, distinct.size());
        assertEquals(runs, all.size());
        assertEquals(
                "1", sql("select max(attempt) from run where workspace_id = '" + workspace + "'"));
    }

    @Test
    void anAnswerEndsOnceWhoeverEndsIt() {
        Map<String, Integer> outcomes = new TreeMap<>();
        for (int round = 0; round < ROUNDS; round++) {
            UUID chat = chat();
            post(chat, "m1");
            Run second = post(chat, "m2");
            ClaimedRun run = claimOne();
            append(run, 1, start(run), new Frame.TextStart("a1t1"));
            expire(run);
            CyclicBarrier together = new CyclicBarrier(4);
            var complete =
                    racing(together, () -> complete(run, 2, new Frame.TextEnd("a1t1"), FINISH));
            var stop = racing(together, () -> turns.stop(workspace, chat));
            var reap = racing(together, reaper::reap);
            var append = racing(together, () -> append(run, 2, new Frame.StartStep()));
            complete.join();
            stop.join();
            reap.join();
            append.join();
            String state = state(run.runId());
            outcomes.merge(state, 1, Integer::sum);
            assertTrue(Set.of("done", "cancelled").contains(state), state);
            assertEquals("cancelled", state(second.id()));
            List<String> frames = frames(chat);
            assertEquals(
                    2,
                    frames.stream()
                            .filter(f -> f.contains("\"finish\"") || f.contains("\"abort\""))
                            .count(),
                    frames.toString());
            assertEquals(
                    "2",
                    sql(
                            "select count(*) from message where role = 'assistant' and chat_id = '"
                                    + chat
                                    + "'"));
            assertEquals(List.of(), claim(1));
        }
        System.out.println("complete, stop, reap and append at once: " + outcomes);
    }

    @Test
    void manyPostsToOneChatAreOneRowOfTurns() {
        UUID chat = chat();
        List<CompletableFuture<Run>> posts = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            int n = i;
            posts.add(async(() -> post(chat, "m" + n)));
        }
        posts.forEach(CompletableFuture::join);
        List<CompletableFuture<Integer>> workers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            workers.add(
                    async(() -> {
                        int answered = 0;
                        while (!"0"
                                .equals(
                                        sql(
                                                "select count(*) from run where state <> 'done' and stream_id = '"
                                                        + chat
                                                        + "'"))) {
                            for (ClaimedRun run : claim(1)) {
                                complete(run, 1, start(run), FINISH);
                                answered++;
                            }
                        }
                        return answered;
                    }));
        }
        assertEquals(16, workers.stream().mapToInt(CompletableFuture::join).sum());
        assertEquals(
                "16",
                sql(
                        "select count(distinct ordinal) from run where state = 'done' and stream_id = '"
                                + chat
                                + "'"));
        assertEquals(16 + 32, frames(chat).size());
        assertEquals(
                "t",
                sql(
                        """
                        select bool_and(ordinal = place) from (
                            select ordinal, row_number() over (order by ended_at, id) as place from run where stream_id = '%s') x
                        """
                                .formatted(chat)),
                "answered in order");
    }

    private static CompletableFuture<String> racing(CyclicBarrier together, Runnable action) {
        return async(() -> {
            try {
                together.await();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
            return outcome(action);
        });
    }
}
