package dev.tendril.service.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.micronaut.data.exceptions.DataAccessException;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Statements that wait for each other.
@SuppressWarnings("NullAway.Init") // injected
@MicronautTest(transactional = false)
final class TxTest extends DatabaseTest {

    private static final String ADD = "insert into number (n) values (?)";
    private static final String ALL = "select n from number order by n";

    @Inject Transactions transactions;

    @BeforeEach
    void table() throws SQLException {
        execute("create table number (n integer primary key)");
    }

    @AfterEach
    void drop() throws SQLException {
        execute("drop table number");
    }

    @Test
    void whatWaitsGoesInOrderBeforeTheNextAndWithTheCommit() {
        List<Integer> told = new ArrayList<>();
        List<Integer> read =
                transactions.write(tx -> {
                    tx.later(ADD, 1);
                    tx.later(ADD + " returning n", row -> row.getInt("n"), told::addAll, 2);
                    assertEquals(1, tx.update("update number set n = 20 where n = ?", 2));
                    assertEquals(List.of(2), told);
                    List<Integer> now = numbers(tx);
                    tx.later(ADD, 3);
                    tx.later(ALL, row -> row.getInt("n"), told::addAll);
                    assertEquals(List.of(2), told, "not sent yet");
                    return now;
                });
        assertEquals(List.of(1, 20), read);
        assertEquals(List.of(2, 1, 3, 20), told);
        assertEquals(List.of(1, 3, 20), transactions.read(TxTest::numbers));
    }

    @Test
    void whatFailsWithTheCommitUndoesAllAndTellsNobody() {
        List<String> rung = new ArrayList<>();
        assertThrows(
                DataAccessException.class,
                () ->
                        transactions.write(tx -> {
                            tx.afterCommit(() -> rung.add("rung"));
                            tx.update(ADD, 1);
                            tx.later(ADD, 2);
                            tx.later(ADD, 2);
                            tx.later(ADD, 3);
                            return null;
                        }));
        assertEquals(List.of(), rung);
        assertEquals(List.of(), transactions.read(TxTest::numbers));
        transactions.write(tx -> {
            tx.later(ADD, 4);
            tx.afterCommit(() -> rung.add("rung"));
            return null;
        });
        assertEquals(List.of("rung"), rung, "the connection is as good as before");
        assertEquals(List.of(4), transactions.read(TxTest::numbers));
    }

    @Test
    void aDeadlockInWhatWaitsRepeatsTheWork() {
        List<Integer> attempts = new ArrayList<>();
        transactions.write(tx -> {
            attempts.add(attempts.size());
            tx.later(ADD, 1);
            if (attempts.size() == 1) {
                tx.later("do $$ begin raise exception using errcode = '40P01'; end $$");
            }
            return null;
        });
        assertEquals(2, attempts.size());
        assertEquals(List.of(1), transactions.read(TxTest::numbers));
    }

    private static List<Integer> numbers(Tx tx) throws SQLException {
        return tx.list(ALL, row -> row.getInt("n"));
    }

    private void execute(String sql) throws SQLException {
        try (var connection = dataSource().getConnection();
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
