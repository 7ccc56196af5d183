package dev.tendril.infra.house;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The built programs of a checkout.
///
/// @param root the checkout
public record Jars(Path root) {

    /// Those of the checkout that this class was built in.
    ///
    /// @throws IllegalStateException if it is not in one
    public static Jars ofThisBuild() {
        try {
            Path here =
                    Path.of(Jars.class.getProtectionDomain().getCodeSource().getLocation().toURI());
            for (Path dir = here; dir != null; dir = dir.getParent()) {
                if (Files.exists(dir.resolve("infra/pom.xml"))) {
                    return new Jars(dir);
                }
            }
            throw new IllegalStateException("not within a checkout: " + here);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /// A command line that starts the program of `module`, with the flags that the launcher uses.
    ///
    /// @throws IllegalStateException if it has not been built
    public List<String> command(String module, String... arguments) {
        var command = java();
        command.addAll(startUpCache(jar(module)));
        command.addAll(List.of("-jar", jar(module).toString()));
        command.addAll(List.of(arguments));
        return command;
    }

    /// The same for another main class of the program's jar.
    ///
    /// @throws IllegalStateException if it has not been built
    public List<String> program(String module, String mainClass, String... arguments) {
        var command = java();
        command.addAll(List.of("-cp", jar(module).toString(), mainClass));
        command.addAll(List.of(arguments));
        return command;
    }

    /// A command line for a class of `infra` with the relay's program in its class path, which it
    /// calls from within.
    ///
    /// @throws IllegalStateException if the relay has not been built
    public List<String> load(String mainClass, String... arguments) {
        var command = java();
        Path classes = root.resolve("infra/target/classes");
        command.addAll(List.of("-cp", jar("relay") + File.pathSeparator + classes, mainClass));
        command.addAll(List.of(arguments));
        return command;
    }

    private static List<String> java() {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "-XX:+UseSerialGC",
                        "-XX:+UseCompactObjectHeaders",
                        "-Xmx256m",
                        "-Xss512k"));
        return command;
    }

    /// Options that use the start-up cache which the launcher has written beside a program; none
    /// when it is missing or older than the program.
    private static List<String> startUpCache(Path jar) {
        Path cache = Path.of(jar + ".aot");
        try {
            if (Files.getLastModifiedTime(cache).compareTo(Files.getLastModifiedTime(jar)) < 0) {
                return List.of();
            }
        } catch (IOException e) {
            return List.of();
        }
        return List.of("-XX:AOTCache=" + cache, "-Xlog:aot=off", "-Xlog:cds=off");
    }

    private Path jar(String module) {
        Path target = root.resolve(module).resolve("target");
        try (var files = Files.newDirectoryStream(target, "tendril-*-all.jar")) {
            var found = files.iterator();
            if (found.hasNext()) {
                return found.next();
            }
        } catch (IOException e) {
            throw new IllegalStateException("not built: " + target, e);
        }
        throw new IllegalStateException(
                "no program in " + target + "; build it first: mvn -pl " + module + " -am package");
    }
}
