package dev.tendril.relay.up;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/// The JVM's ahead-of-time cache beside a jar: loaded and linked classes of an earlier life, which
/// bring it up about three times as fast. One that does not fit the jar, the JDK or the flags is
/// ignored by the JVM, and only the gain is lost.
final class StartupCache {
    private StartupCache() {}

    /// Flags of a JVM that writes the cache when it ends; [#keep] makes it count.
    static List<String> writing(Path jar) {
        return List.of("-XX:AOTCacheOutput=" + partial(jar));
    }

    /// Flags of a JVM that uses the cache; none when there is no cache.
    static List<String> reading(Path jar) {
        var cache = cache(jar);
        return Files.isReadable(cache)
                ? List.of("-XX:AOTCache=" + cache, "-Xlog:aot=off", "-Xlog:cds=off")
                : List.of();
    }

    /// Puts the caches that were just written in place.
    static void keep(Path... jars) throws IOException {
        for (var jar : jars) {
            if (Files.exists(partial(jar))) {
                Files.move(partial(jar), cache(jar), StandardCopyOption.ATOMIC_MOVE);
            }
        }
    }

    private static Path cache(Path jar) {
        return Path.of(jar + ".aot");
    }

    private static Path partial(Path jar) {
        return Path.of(jar + ".aot.partial");
    }
}
