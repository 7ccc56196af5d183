package dev.tendril.infra.chaos;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Wrong clocks for other processes by libfaketime, where it is installed. The monotonic clock
/// stays right, as it does on a machine whose wall clock is wrong.
final class Skew {
    private static final List<String> PLACES =
            List.of(
                    "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
                    "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
                    "/usr/lib64/faketime/libfaketimeMT.so.1",
                    "/usr/lib/faketime/libfaketimeMT.so.1");

    private final @Nullable Path library;

    private Skew(@Nullable Path library) {
        this.library = library;
    }

    static Skew find() {
        return new Skew(
                PLACES.stream().map(Path::of).filter(Files::exists).findFirst().orElse(null));
    }

    /// How clocks are made wrong, for the report.
    String means() {
        return library == null ? "none: libfaketime is not installed" : "libfaketime";
    }

    /// Variables of a process whose clock is `hours` ahead; none when that cannot be had.
    Map<String, String> hours(int hours) {
        return library == null || hours == 0
                ? Map.of()
                : Map.of(
                        "LD_PRELOAD",
                        library.toString(),
                        "FAKETIME",
                        "%+ds".formatted(hours * 3600),
                        "FAKETIME_DONT_FAKE_MONOTONIC",
                        "1",
                        // Else each timed wait of a JVM becomes a busy one.
                        "FAKETIME_FORCE_MONOTONIC_FIX",
                        "0");
    }
}
