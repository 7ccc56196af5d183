package dev.tendril.service.database;

import org.testcontainers.DockerClientFactory;
import org.testcontainers.postgresql.PostgreSQLContainer;

/// A container instead of our own launcher, for whoever asks for it with
/// `-Dtest.db=testcontainers`. Testcontainers' own reaper removes it.
final class ContainerServer {
    private static final String IMAGE = "postgres:18-alpine";

    private ContainerServer() {}

    /// Asked for, on the class path, and Docker answers.
    static boolean wanted() {
        if (!"testcontainers".equals(System.getProperty("test.db"))) {
            return false;
        }
        try {
            return DockerClientFactory.instance().isDockerAvailable();
        } catch (NoClassDefFoundError e) {
            return false;
        }
    }

    @SuppressWarnings("resource")
    static TestServer start() {
        var container = new PostgreSQLContainer(IMAGE).withUsername("tendril");
        container.start();
        var url = container.getJdbcUrl();
        var base = url.substring(0, url.indexOf('/', "jdbc:postgresql://".length()) + 1);
        var login = new TestServer.Login(base, container.getUsername(), container.getPassword());
        return TestServer.of(login, login);
    }
}
