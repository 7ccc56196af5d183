package dev.tendril.service.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.UUID;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// 20,000 ready runs at the head of the queue that nobody can claim: what a claim reads must not
/// depend on them.
@MicronautTest(transactional = false)
final class ClaimPlanTest extends QueueTest {

    private static final int UNCLAIMABLE = 20_000;
    private static final int BUFFERS = 120;
    private static final Pattern READ =
            Pattern.compile("Buffers: shared(?: hit=(\\d+))?(?: read=(\\d+))?");

    @Test
    void whatCannotBeClaimedIsNotRead() throws SQLException {
        fill();
        Run claimable = post(chat(), "m1");
        try (Connection connection = begin()) {
            // Both what the planner knows before the first look at the table and after it.
            for (boolean known : new boolean[] {false, true}) {
                if (known) {
                    execute(connection, "analyze run");
                }
                for (String mode : new String[] {"force_custom_plan", "force_generic_plan"}) {
                    execute(connection, "set plan_cache_mode = " + mode);
                    String with = mode + (known ? ", analyzed" : "");
                    check(connection, "claim, " + with, claimOf(1, 1));
                    check(connection, "claim for eight, " + with, claimOf(8, 1));
                    check(connection, "claim of eight, " + with, claimOf(1, 8));
                }
            }
            connection.rollback();
        }
        long begun = System.nanoTime();
        assertEquals(claimable.id(), claimOne().runId());
        System.out.println(
                "claim behind " + UNCLAIMABLE + ", ms: " + (System.nanoTime() - begun) / 1e6);
    }

    private void fill() {
        sql(
                """
                with s as (
                    insert into stream (workspace_id, kind)
                    select '%s', 'chat' from generate_series(1, %d) returning id
                )
                insert into run (workspace_id, stream_id, kind, pool, state, ordinal, message_id, answer_id,
                                 accepted_seq, ready_at, needs, priority)
                select '%s', s.id, 'chat', 'chat', 'ready', 1, 'm', 'a', 0, now() - interval '1 h',
                       case when random() < 0.5 then '{terminal}'::text[] else '{model:big,tools}' end, 0
                  from s
                """
                        .formatted(workspace, UNCLAIMABLE, workspace));
    }

    private Statement claimOf(int claimers, int each) {
        return new Statement(
                ClaimStore.CLAIM,
                "uuid, uuid[], uuid[], uuid[], bigint[], uuid, text[], uuid, uuid, uuid, int, text[], int, text[], float8, float8, text[], uuid, int",
                "'%1$s', %2$s, %3$s, %4$s, %5$s, '%1$s', '{chat}', '%1$s', '%1$s', '%1$s', 32, '{tools}', 32, '{chat}', 10, 600, '{chat}', '%1$s', 32"
                        .formatted(
                                workspace,
                                array(claimers, _ -> "'" + worker + "'::uuid"),
                                array(claimers, _ -> "null::uuid"),
                                array(claimers, _ -> "'" + UUID.randomUUID() + "'::uuid"),
                                array(claimers, _ -> each + "::bigint")));
    }

    private static String array(int length, IntFunction<String> element) {
        return IntStream.range(0, length)
                .mapToObj(element)
                .collect(Collectors.joining(", ", "array[", "]"));
    }

    private void check(Connection connection, String what, Statement statement)
            throws SQLException {
        var savepoint = connection.setSavepoint();
        execute(connection, "prepare p(" + statement.types() + ") as " + numbered(statement.sql()));
        StringBuilder plan = new StringBuilder();
        try (var explain = connection.createStatement();
                var rows =
                        explain.executeQuery(
                                "explain (analyze, buffers, timing off) execute p("
                                        + statement.arguments()
                                        + ")")) {
            while (rows.next()) {
                plan.append(rows.getString(1)).append('\n');
            }
        }
        execute(connection, "deallocate p");
        connection.rollback(savepoint);
        Matcher read = READ.matcher(plan);
        assertTrue(read.find(), plan.toString());
        int buffers = number(read.group(1)) + number(read.group(2));
        System.out.println(what + ": " + buffers + " buffers");
        assertTrue(buffers < BUFFERS, what + " reads " + buffers + " buffers:\n" + plan);
    }

    private static String numbered(String sql) {
        StringBuilder numbered = new StringBuilder();
        int number = 0;
        for (char c : sql.toCharArray()) {
            numbered.append(c == '?' ? "$" + ++number : String.valueOf(c));
        }
        return numbered.toString();
    }

    private static int number(@org.jspecify.annotations.Nullable String digits) {
        return digits == null ? 0 : Integer.parseInt(digits);
    }

    private record Statement(String sql, String types, String arguments) {}
}
