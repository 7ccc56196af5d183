package dev.tendril.service.stream;

import java.io.File;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Arrays;
import org.junit.jupiter.api.condition.EnabledIf;

/// Skipped, and counted as skipped, where there is no `nats-server` on the `PATH`.
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@EnabledIf(
        value = "dev.tendril.service.stream.NeedsNats$Present#test",
        disabledReason = "nats-server is not on the PATH")
@interface NeedsNats {

    /// Looks along the `PATH`.
    final class Present {
        private Present() {}

        static boolean test() {
            return Arrays.stream(System.getenv("PATH").split(File.pathSeparator, -1))
                    .anyMatch(folder -> new File(folder, "nats-server").canExecute());
        }
    }
}
