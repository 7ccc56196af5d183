package dev.tendril.service.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.sql.SQLException;
import org.junit.jupiter.api.Test;

final class DatabaseTestTest extends DatabaseTest {
    @Test
    void theSchemaIsThereAndEmpty() throws SQLException {
        assertEquals(0, queryInt("select count(*) from workspace"));
    }

    @Test
    void theRoleIsNoSuperuser() throws SQLException {
        assertEquals(
                0,
                queryInt(
                        "select count(*) from pg_roles where rolsuper and rolname = current_user"));
        assertThrows(
                SQLException.class, () -> queryInt("select length(pg_read_file('PG_VERSION'))"));
    }

    private int queryInt(String sql) throws SQLException {
        try (var connection = dataSource().getConnection();
                var statement = connection.createStatement();
                var rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getInt(1);
        }
    }
}
