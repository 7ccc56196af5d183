package dev.tendril.service.stream;

import io.micronaut.context.annotation.Bean;
import io.micronaut.context.annotation.Factory;
import io.micronaut.context.annotation.Value;
import io.micronaut.context.exceptions.ConfigurationException;
import jakarta.inject.Singleton;
import java.sql.DriverManager;
import java.util.Properties;

/// Chooses how replicas tell each other of news: `tendril.signals` is `postgres` (the default),
/// `nats` (which needs `tendril.nats.url`), or `local` for a relay that is alone.
@Factory
final class SignalsFactory {

    /// Seconds without a byte, beyond the listener's ping.
    private static final String SOCKET_TIMEOUT = "15";

    private static final String CONNECT_TIMEOUT = "5";

    @Singleton
    @Bean(preDestroy = "close")
    Signals signals(
            @Value("${tendril.signals:postgres}") String kind,
            @Value("${tendril.nats.url:}") String natsUrl,
            @Value("${tendril.nats.subject:tendril.signals}") String natsSubject,
            @Value("${datasources.default.url}") String url,
            @Value("${datasources.default.username:}") String user,
            @Value("${datasources.default.password:}") String password) {
        return switch (kind) {
            case "local" -> new LocalSignals();
            case "postgres" -> {
                Properties properties = properties(user, password);
                yield new PostgresSignals(() -> DriverManager.getConnection(url, properties));
            }
            case "nats" -> {
                if (natsUrl.isEmpty()) {
                    throw new ConfigurationException(
                            "TENDRIL_SIGNALS is nats: set TENDRIL_NATS_URL, e.g. nats://127.0.0.1:4222.");
                }
                yield new NatsSignals(natsUrl, natsSubject);
            }
            default ->
                    throw new ConfigurationException(
                            "TENDRIL_SIGNALS is postgres, nats or local, not \"" + kind + "\".");
        };
    }

    private static Properties properties(String user, String password) {
        Properties properties = new Properties();
        if (!user.isEmpty()) {
            properties.put("user", user);
        }
        if (!password.isEmpty()) {
            properties.put("password", password);
        }
        properties.put("socketTimeout", SOCKET_TIMEOUT);
        properties.put("connectTimeout", CONNECT_TIMEOUT);
        properties.put("ApplicationName", "tendril-signals");
        return properties;
    }
}
