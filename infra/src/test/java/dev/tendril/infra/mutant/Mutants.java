package dev.tendril.infra.mutant;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/// Mutants of programs under test, from this side.
public final class Mutants {
    private static final List<Class<?>> AGENT = List.of(MutantAgent.class, MutantSwitch.class);
    private static final List<String> INNER = List.of("MutantAgent$Rewriter", "MutantSwitch$Rule");

    private final Path folder;
    private final List<MutantSwitch.Rule> rules = new ArrayList<>();

    /// @param folder made; the agent's jar, its rules and its switches
    public Mutants(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
    }

    /// Adds a rule to a mutant.
    ///
    /// @param type path of the class below the service, such as `run/RunStore`, or of a package
    /// @param marker stands in the same constant, to tell statements apart
    /// @param from the guard
    /// @param to what is there without it
    public Mutants rule(String mutant, String type, String marker, String from, String to) {
        rules.add(
                new MutantSwitch.Rule(
                        mutant + "." + rules.size(),
                        "dev/tendril/service/" + type,
                        marker,
                        from,
                        to));
        return this;
    }

    /// Option of a JVM that can be mutated.
    public String javaOption() throws IOException {
        Files.write(folder.resolve("rules"), rules.stream().map(MutantSwitch.Rule::line).toList());
        Path jar = folder.resolve("agent.jar");
        var manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes()
                .put(new Attributes.Name("Premain-Class"), MutantAgent.class.getName());
        try (OutputStream out = Files.newOutputStream(jar);
                var entries = new JarOutputStream(out, manifest)) {
            for (Class<?> type : AGENT) {
                add(entries, type.getSimpleName());
            }
            for (String name : INNER) {
                add(entries, name);
            }
        }
        return "-javaagent:" + jar + "=" + folder;
    }

    private static void add(JarOutputStream entries, String name) throws IOException {
        entries.putNextEntry(new JarEntry("dev/tendril/infra/mutant/" + name + ".class"));
        try (var bytes = Mutants.class.getResourceAsStream(name + ".class")) {
            if (bytes == null) {
                throw new IOException("no class " + name);
            }
            bytes.transferTo(entries);
        }
        entries.closeEntry();
    }

    /// Switches a mutant on, or, with an empty name, all off.
    public void only(String mutant) throws IOException {
        for (MutantSwitch.Rule rule : rules) {
            Files.deleteIfExists(folder.resolve(rule.mutant() + ".on"));
        }
        if (!mutant.isEmpty()) {
            Files.writeString(folder.resolve(mutant + ".on"), "");
        }
    }

    /// Asserts that each of the mutant's guards was found, and that the program ran without at
    /// least one of them: a statement that was renamed or rewritten must not hollow the test out.
    public void assertBit(String mutant) {
        List<MutantSwitch.Rule> own =
                rules.stream().filter(rule -> rule.mutant().equals(mutant)).toList();
        for (MutantSwitch.Rule rule : own) {
            assertTrue(
                    Files.exists(folder.resolve(rule.name() + ".rewrote")),
                    () -> "no constant of " + rule.type() + " has: " + rule.from());
        }
        assertTrue(
                own.isEmpty()
                        || own.stream()
                                .anyMatch(r -> Files.exists(folder.resolve(r.name() + ".used"))),
                () -> "nothing ran without the guard of " + mutant);
    }
}
