package dev.tendril.infra.drill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.infra.house.Jars;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The papers say what the programs do.
final class PapersIT {
    private static final Pattern LINK = Pattern.compile("]\\(([^)#]+)(?:#[^)]*)?\\)");
    private static final Pattern FLAG = Pattern.compile("--[a-z][a-z-]+");
    private static final Pattern VARIABLE = Pattern.compile("TENDRIL_[A-Z_]+[A-Z]");
    private static final Set<String> EVERYWHERE = Set.of("--help", "--version");

    private final Jars jars = Jars.ofThisBuild();

    @Test
    void everyLinkLeadsSomewhere() throws IOException {
        var broken = new ArrayList<String>();
        for (Path paper : papers()) {
            Matcher link = LINK.matcher(Files.readString(paper));
            while (link.find()) {
                String target = link.group(1);
                if (!target.contains("://") && !Files.exists(paper.resolveSibling(target))) {
                    broken.add(jars.root().relativize(paper) + " -> " + target);
                }
            }
        }
        assertEquals(List.of(), broken);
    }

    @Test
    void theReadmeIsShort() throws IOException {
        assertTrue(Files.readAllLines(jars.root().resolve("README.md")).size() < 150);
    }

    @Test
    void everySettingIsInTheConfigurationAndNoOther() throws Exception {
        String page = Files.readString(jars.root().resolve("docs/configuration.md"));
        String help =
                help(jars.command("relay", "serve", "--help"))
                        + help(jars.command("worker", "run", "--help"))
                        + help(jars.program("relay", "dev.tendril.relay.up.Up", "--help"))
                        + help(jars.command("infra", "bench", "chat", "--help"))
                        + help(jars.command("infra", "chaos", "--help"));

        assertEquals(found(VARIABLE, help), found(VARIABLE, page));
        assertEquals(found(FLAG, help), found(FLAG, page));
    }

    private static Set<String> found(Pattern pattern, String text) {
        var all = new TreeSet<String>();
        Matcher matcher = pattern.matcher(text);
        while (matcher.find()) {
            all.add(matcher.group());
        }
        all.removeAll(EVERYWHERE);
        return all;
    }

    private static String help(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
        return output;
    }

    private List<Path> papers() throws IOException {
        var all = new ArrayList<Path>();
        try (var root = Files.newDirectoryStream(jars.root(), "*.md");
                var docs = Files.walk(jars.root().resolve("docs"))) {
            root.forEach(all::add);
            docs.filter(p -> p.toString().endsWith(".md")).forEach(all::add);
        }
        return all;
    }
}
