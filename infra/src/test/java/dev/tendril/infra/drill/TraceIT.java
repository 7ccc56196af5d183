package dev.tendril.infra.drill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.chat.Accepted;
import dev.tendril.contract.chat.Part;
import dev.tendril.infra.house.Jars;
import dev.tendril.infra.visitor.Answer;
import dev.tendril.infra.visitor.Visitor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/// A question about the bundled pages: the model looks into them, the answer cites them, and the
/// run's trace shows the calls.
@ResourceLock(Scene.LOCK)
final class TraceIT {
    private final Scene scene = Scene.get();

    @Test
    void theTraceShowsTheCallsOfACitedAnswer() throws Exception {
        Visitor visitor = scene.visitor();
        UUID chat = visitor.openChat();
        Accepted asked =
                visitor.say(chat, "Where is my data kept? [stub tool=search_content deltas=3]");
        Answer answer = visitor.read(chat).answer("0", Scene.SOON);
        scene.assertAnswered(visitor, chat, asked, answer);
        List<Part> parts = visitor.messages(chat).getLast().parts();
        assertTrue(
                parts.stream().anyMatch(Part.SourceUrl.class::isInstance),
                "no page is cited: " + parts);

        String run = relay("run", "list", "--limit", "1").getFirst().split("\\t", -1)[0];
        List<String> trace =
                relay("run", "show", run).stream().filter(l -> l.startsWith("trace\t")).toList();
        assertEquals(
                List.of("1.1 model stub", "1.1 tool search_content", "1.2 model stub"),
                trace.stream()
                        .map(line -> line.split("\\t", -1))
                        .map(c -> c[1] + " " + c[2] + " " + c[3])
                        .toList());
        assertFalse(String.join("", trace).contains("my data"), "a visitor's word, unasked");
        assertTrue(
                String.join("\n", relay("run", "show", run, "--words")).contains("my data kept"));
    }

    private List<String> relay(String... arguments) throws IOException, InterruptedException {
        Jars jars = Jars.ofThisBuild();
        Path home = jars.root().resolve("infra/target/drill/" + ProcessHandle.current().pid());
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--site", "home", "--data-dir", home.resolve("relay").toString()));
        var builder = new ProcessBuilder(jars.command("relay", all.toArray(String[]::new)));
        builder.environment().put("TENDRIL_DATABASE_URL", scene.house.database().url());
        builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        Process process = builder.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), out);
        return out.lines().toList();
    }
}
