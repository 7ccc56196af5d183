package dev.tendril.relay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Where PostgreSQL is, as a driver takes it. Its [#toString] hides the password.
///
/// @param user null when `jdbcUrl` has it
/// @param password null when `jdbcUrl` has it, or none is needed
record DatabaseAddress(String jdbcUrl, @Nullable String user, @Nullable String password) {

    static final String VARIABLE = "TENDRIL_DATABASE_URL";
    static final String FILE_VARIABLE = "TENDRIL_DATABASE_URL_FILE";

    /// What the environment names; null when it names nothing.
    ///
    /// @throws RelayFailure both variables are set, the file cannot be read, or the address is
    ///   malformed
    static @Nullable DatabaseAddress of(Map<String, String> environment) {
        String direct = environment.getOrDefault(VARIABLE, "").strip();
        String file = environment.getOrDefault(FILE_VARIABLE, "").strip();
        if (!direct.isEmpty() && !file.isEmpty()) {
            throw new RelayFailure("Set only one of " + VARIABLE + " and " + FILE_VARIABLE + ".");
        }
        if (!file.isEmpty()) {
            return parse(read(Path.of(file)), FILE_VARIABLE);
        }
        return direct.isEmpty() ? null : parse(direct, VARIABLE);
    }

    /// @param source how to call the text in an error, since it may hold a password itself
    static DatabaseAddress parse(String text, String source) {
        if (text.startsWith("jdbc:postgresql:")) {
            return new DatabaseAddress(text, null, null);
        }
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            throw malformed(source);
        }
        boolean known = "postgres".equals(uri.getScheme()) || "postgresql".equals(uri.getScheme());
        if (!known || uri.getHost() == null || uri.getPath().length() < 2) {
            throw malformed(source);
        }
        String login = uri.getRawUserInfo();
        int colon = login == null ? -1 : login.indexOf(':');
        String query = uri.getRawQuery();
        return new DatabaseAddress(
                "jdbc:postgresql://"
                        + uri.getHost()
                        + ":"
                        + (uri.getPort() < 0 ? 5432 : uri.getPort())
                        + uri.getRawPath()
                        + (query == null ? "" : "?" + query),
                login == null ? null : decoded(colon < 0 ? login : login.substring(0, colon)),
                login == null || colon < 0 ? null : decoded(login.substring(colon + 1)));
    }

    static String read(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new RelayFailure("Cannot read " + file + ".", e);
        }
    }

    @Override
    public String toString() {
        return "***";
    }

    /// Percent-encoding alone: a plus sign is a plus sign.
    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), UTF_8);
    }

    private static RelayFailure malformed(String source) {
        return new RelayFailure(
                source
                        + " must look like postgres://user:password@host:5432/name (or"
                        + " jdbc:postgresql://…); encode special characters of the password with %.");
    }
}
