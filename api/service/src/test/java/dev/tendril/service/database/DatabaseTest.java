package dev.tendril.service.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.micronaut.test.support.TestPropertyProvider;
import java.util.HashMap;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;

/// A test class with a PostgreSQL database of its own: migrated, empty at the class's start, shared
/// by its methods.
///
/// - A store test extends it and uses [#dataSource].
/// - A test of the running application extends it and adds `@MicronautTest(transactional = false)`;
///   the application then uses the same database.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class DatabaseTest implements TestPropertyProvider {
    private static final int OWN_POOL = 8;
    private static final int APPLICATION_POOL = 4;

    private final TestServer.Login login = TestServer.instance().login();
    private final String database = TestServer.instance().createDatabase();
    private @Nullable HikariDataSource pool;

    /// At most 8 connections, as the role that owns the database; closed after the class.
    protected final synchronized DataSource dataSource() {
        if (pool == null) {
            var config = new HikariConfig();
            config.setJdbcUrl(login.base() + database);
            config.setUsername(login.user());
            config.setPassword(login.password());
            config.setMaximumPoolSize(OWN_POOL);
            config.setMinimumIdle(0);
            pool = new HikariDataSource(config);
        }
        return pool;
    }

    /// With user and password, for a driver or for another process.
    protected final String jdbcUrl() {
        return login.base() + database + "?user=" + login.user() + "&password=" + login.password();
    }

    /// Override to add settings; start from what this returns.
    @Override
    public Map<String, String> getProperties() {
        var properties = new HashMap<String, String>();
        properties.put("datasources.default.url", login.base() + database);
        properties.put("datasources.default.username", login.user());
        properties.put("datasources.default.password", login.password());
        properties.put("datasources.default.driver-class-name", "org.postgresql.Driver");
        properties.put("datasources.default.dialect", "POSTGRES");
        properties.put("datasources.default.maximum-pool-size", Integer.toString(APPLICATION_POOL));
        properties.put("datasources.default.minimum-idle", "1");
        properties.put("flyway.datasources.default.enabled", "false");
        return properties;
    }

    @AfterAll
    final synchronized void closePool() {
        if (pool != null) {
            pool.close();
        }
    }
}
