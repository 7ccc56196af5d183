package dev.tendril.service.health;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.service.database.DatabaseTest;
import dev.tendril.service.http.Calls;
import io.micronaut.context.ApplicationContext;
import io.micronaut.runtime.server.EmbeddedServer;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("NullAway.Init") // set in open()
final class HealthTest extends DatabaseTest {

    private ApplicationContext context;
    private Calls calls;

    @BeforeEach
    void open() {
        Map<String, Object> properties = new HashMap<>(getProperties());
        properties.put("micronaut.server.port", "-1");
        context = ApplicationContext.run(properties);
        calls = new Calls(context.getBean(EmbeddedServer.class).start().getURI());
    }

    @AfterEach
    void close() {
        context.close();
    }

    @Test
    void readyWithACurrentSchema() {
        assertEquals(200, calls.get("/health/live").status());
        assertEquals(200, calls.get("/health/ready").status());
    }

    @Test
    void notReadyWithAnotherSchema() throws SQLException {
        sql("update flyway_schema_history set version = '9' || version");
        assertEquals(503, calls.get("/health/ready").status());
        sql("update flyway_schema_history set version = substr(version, 2)");

        assertEquals(200, calls.get("/health/ready").status());
        assertEquals(200, calls.get("/health/live").status());
    }

    @Test
    void notReadyOnceLeaving() {
        Drain drain = context.getBean(Drain.class);
        drain.begin();
        drain.begin();

        assertEquals(503, calls.get("/health/ready").status());
        assertEquals(200, calls.get("/health/live").status());
    }

    @Test
    void aDurableServerIsRecognised() throws SQLException {
        SchemaStore schema = context.getBean(SchemaStore.class);
        String off = schema.durabilityOff();
        // The tests' own server is volatile on purpose, a container is not.
        boolean fsync = "on".equals(text("show fsync"));
        if (fsync) {
            assertNull(off);
        } else {
            assertTrue(String.valueOf(off).contains("fsync"));
        }
    }

    private void sql(String statement) throws SQLException {
        try (var connection = dataSource().getConnection();
                var open = connection.createStatement()) {
            open.execute(statement);
        }
    }

    private String text(String query) throws SQLException {
        try (var connection = dataSource().getConnection();
                var rows = connection.createStatement().executeQuery(query)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
