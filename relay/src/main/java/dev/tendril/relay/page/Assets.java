package dev.tendril.relay.page;

import io.micronaut.core.io.ResourceResolver;
import io.micronaut.http.MediaType;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Files of the class path's `public/`, kept in memory once asked for: there are few, and they
/// never change while the process lives. A path is plain words and dots, so nothing outside can be
/// named.
@Singleton
final class Assets {

    private static final Pattern PATH =
            Pattern.compile(
                    "[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*(/[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*)*");
    private static final int LONGEST_PATH = 200;
    private static final int ETAG_CHARS = 32;

    private final ResourceResolver resources;
    private final ConcurrentHashMap<String, Asset> loaded = new ConcurrentHashMap<>();

    Assets(ResourceResolver resources) {
        this.resources = resources;
    }

    /// The file below `public/`, or null if there is none.
    @Nullable Asset find(String path) {
        Asset known = loaded.get(path);
        if (known != null) {
            return known;
        }
        if (path.length() > LONGEST_PATH || !PATH.matcher(path).matches()) {
            return null;
        }
        @Nullable MediaType type = typeOf(path);
        Optional<InputStream> stream =
                type == null
                        ? Optional.empty()
                        : resources.getResourceAsStream("classpath:public/" + path);
        if (type == null || stream.isEmpty()) {
            return null;
        }
        try (InputStream in = stream.get()) {
            byte[] bytes = in.readAllBytes();
            Asset asset = new Asset(bytes, type, etag(bytes));
            loaded.put(path, asset);
            return asset;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A file of any other kind is not served.
    private static @Nullable MediaType typeOf(String path) {
        return switch (path.substring(path.lastIndexOf('.') + 1)) {
            case "html" -> MediaType.of("text/html;charset=utf-8");
            case "js" -> MediaType.of("text/javascript;charset=utf-8");
            case "css" -> MediaType.of("text/css;charset=utf-8");
            case "svg" -> MediaType.of("image/svg+xml");
            case "png" -> MediaType.IMAGE_PNG_TYPE;
            case "woff2" -> MediaType.of("font/woff2");
            case "json" -> MediaType.APPLICATION_JSON_TYPE;
            default -> null;
        };
    }

    private static String etag(byte[] bytes) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
            return '"' + HexFormat.of().formatHex(hash).substring(0, ETAG_CHARS) + '"';
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /// @param bytes not to be changed
    /// @param etag quoted
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Asset(byte[] bytes, MediaType type, String etag) {}
}
