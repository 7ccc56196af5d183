package dev.tendril.service.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.contract.run.CompleteRun;
import io.micronaut.context.ApplicationContext;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// Two replicas on one database.
@SuppressWarnings("NullAway.Init") // injected
@MicronautTest(transactional = false)
final class LimitAcrossReplicasTest extends QueueTest {

    private static final int LIMIT = 3;
    private static final int RUNS = 80;
    private static final int CLAIMERS = 8;

    @Inject Operator operator;

    @Test
    void aWorkspacesLimitHoldsForAllReplicasTogether() {
        operator.set(workspace, new QueueRules(LIMIT, List.of(), 100));
        for (int i = 0; i < RUNS; i++) {
            post(chat(), "m1");
        }
        Map<String, Object> settings = new HashMap<>(getProperties());
        try (ApplicationContext other = ApplicationContext.run(settings, "test")) {
            AtomicInteger done = new AtomicInteger();
            Set<Integer> seen = ConcurrentHashMap.newKeySet();
            Set<Long> claimed = ConcurrentHashMap.newKeySet();
            List<AtomicInteger> shares = List.of(new AtomicInteger(), new AtomicInteger());
            List<CompletableFuture<Void>> claimers = new ArrayList<>();
            for (int i = 0; i < 2 * CLAIMERS; i++) {
                int replica = i % 2;
                RunQueue queueThere = replica == 0 ? queue : other.getBean(RunQueue.class);
                RunWriter writerThere = replica == 0 ? writer : other.getBean(RunWriter.class);
                claimers.add(
                        async(() -> {
                            while (done.get() < RUNS) {
                                var who = claimant(null);
                                for (ClaimedRun run : queueThere.claim(who, 2, List.of("chat"))) {
                                    assertTrue(claimed.add(run.runId()), "claimed twice");
                                    seen.add(running());
                                    writerThere.complete(
                                            call(run),
                                            new CompleteRun(
                                                    run.leaseToken(),
                                                    1,
                                                    List.of(start(run), FINISH)));
                                    shares.get(replica).incrementAndGet();
                                    done.incrementAndGet();
                                }
                            }
                            return null;
                        }));
            }
            claimers.forEach(CompletableFuture::join);
            System.out.println("by replica " + shares + ", running at once " + seen);
            assertEquals(RUNS, done.get());
            assertTrue(seen.stream().allMatch(running -> running <= LIMIT), seen.toString());
            assertTrue(seen.contains(LIMIT), seen.toString());
            assertTrue(shares.stream().allMatch(share -> share.get() > 0), shares.toString());
        }
    }

    @Test
    void oneKeyAtTwoReplicasAtOnceGetsTheSameRuns() {
        for (int i = 0; i < 2 * CLAIMERS; i++) {
            post(chat(), "m1");
        }
        Map<String, Object> settings = new HashMap<>(getProperties());
        try (ApplicationContext other = ApplicationContext.run(settings, "test")) {
            RunQueue queueThere = other.getBean(RunQueue.class);
            for (int i = 0; i < CLAIMERS; i++) {
                var who = new Claimant(workspace, worker, UUID.randomUUID(), List.of(), null);
                var here = async(() -> ids(queue.claim(who, 2, List.of("chat"))));
                var there = async(() -> ids(queueThere.claim(who, 2, List.of("chat"))));
                assertEquals(here.join(), there.join());
                assertEquals(2, here.join().size());
            }
        }
    }

    private int running() {
        return Integer.parseInt(
                sql(
                        "select count(*) from run where state = 'running' and workspace_id = '"
                                + workspace
                                + "'"));
    }

    private static List<Long> ids(List<ClaimedRun> runs) {
        return runs.stream().map(ClaimedRun::runId).sorted().toList();
    }
}
