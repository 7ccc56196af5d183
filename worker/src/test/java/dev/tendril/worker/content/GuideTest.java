package dev.tendril.worker.content;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.worker.model.ModelEvent;
import dev.tendril.worker.model.ModelFailure;
import dev.tendril.worker.model.ModelFault;
import dev.tendril.worker.model.ModelRequest;
import dev.tendril.worker.model.ModelStream;
import dev.tendril.worker.model.PromptMessage;
import dev.tendril.worker.relay.Wire;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GuideTest {
    @TempDir private Path dir;
    private Path folder = Path.of("unset");

    @BeforeEach
    void copyPages() throws IOException {
        folder = dir.resolve("content");
        StarterContent.provide(folder);
    }

    private record Said(String text, List<ModelEvent.Source> sources) {
        String files() {
            return sources.stream().map(ModelEvent.Source::url).collect(Collectors.joining(" "));
        }
    }

    private Said ask(GuideModel guide, PromptMessage... messages)
            throws ModelFailure, InterruptedException {
        var text = new StringBuilder();
        List<ModelEvent.Source> sources = new ArrayList<>();
        try (ModelStream stream =
                guide.stream(new ModelRequest("", List.of(messages), List.of()))) {
            while (true) {
                switch (stream.next()) {
                    case ModelEvent.Text(String delta) -> text.append(delta);
                    case ModelEvent.Source source -> sources.add(source);
                    case ModelEvent.End(String reason) -> {
                        assertEquals("stop", reason);
                        return new Said(text.toString(), sources);
                    }
                    case ModelEvent.Reasoning _, ModelEvent.ToolCallDelta _, ModelEvent.Usage _ ->
                            throw new AssertionError("the guide neither thinks nor calls");
                }
            }
        }
    }

    private Said ask(String question) throws ModelFailure, InterruptedException {
        return ask(new GuideModel(folder, 1_000_000), new PromptMessage.User(question));
    }

    /// What people ask in their own words, and the page that has to be quoted first.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    What is Tendril? | 01-what-is-tendril
                    What can I use this for? | 01-what-is-tendril
                    Which features are missing? | 01-what-is-tendril
                    How do I get started? | 02-first-steps
                    Which Java version do I need? | 02-first-steps
                    How do I run the tests? | 02-first-steps
                    How do I plug in my own model? | 03-plug-in-a-model
                    Can I use Ollama? | 03-plug-in-a-model
                    how to connect llama.cpp | 03-plug-in-a-model
                    Does it work with vLLM? | 03-plug-in-a-model
                    use OpenAI with an API key | 03-plug-in-a-model
                    How do I change the persona or system prompt? | 03-plug-in-a-model
                    Are you an AI? | 04-the-built-in-guide
                    What is the guide? | 04-the-built-in-guide
                    Where do I put my own pages? | 05-your-own-pages
                    How does front matter look in a markdown page? | 05-your-own-pages
                    How do I embed the widget in my website? | 06-embed-the-widget
                    content security policy | 06-embed-the-widget
                    How long does a session last? | 07-access-codes
                    My access code was not accepted | 07-access-codes 13-troubleshooting
                    Where is my data stored? | 08-where-data-lives
                    How do I make a backup? | 08-where-data-lives
                    Is it secure? What if the relay is stolen? | 09-security
                    Are messages encrypted? | 09-security
                    What happens when I reload the page? | 10-how-an-answer-travels
                    How do I stop an answer? | 10-how-an-answer-travels
                    run the worker at home on another machine | 11-worker-on-another-machine
                    How do I update to a new version? | 12-stop-and-update
                    How do I stop Tendril? | 12-stop-and-update
                    The model cannot be reached, what now? | 13-troubleshooting
                    port already taken | 13-troubleshooting
                    How do I create another access code? | 07-access-codes
                    revoke a code | 07-access-codes
                    create a worker token | 11-worker-on-another-machine
                    Which origins may embed the chat? | 06-embed-the-widget
                    Why are answers so slow? | 13-troubleshooting
                    """)
    void findsThePage(String question, String pages) throws Exception {
        Said said = ask(question);
        assertFalse(said.sources().isEmpty(), said.text());
        String first = said.sources().getFirst().url();
        assertTrue(
                List.of(pages.split(" ")).stream().anyMatch(first::contains),
                question + " → " + said.files());
        int words = said.text().split("\\s+").length;
        assertTrue(words >= 40, words + " words: " + said.text());
        assertTrue(said.text().contains("not a language model"), said.text());
    }

    @Test
    void survivesMisspelling() throws Exception {
        assertTrue(ask("How do I conect olama?").files().contains("ollama"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "What will the weather be in Paris tomorrow?",
                "Who won the football world cup in 2018?",
                "asdfgh qwertz",
                "Write me a poem about elephants",
                "???"
            })
    void saysWhenItFindsNothing(String question) throws Exception {
        Said said = ask(question);
        assertEquals(List.of(), said.sources(), said.text());
        assertTrue(said.text().contains("found nothing"), said.text());
        assertTrue(said.text().contains("not a language model"), said.text());
        assertTrue(said.text().contains("- Plug in a model"), said.text());
    }

    @ParameterizedTest
    @ValueSource(strings = {"Hello!", "hi", "Good morning", "Hey there!!"})
    void greets(String greeting) throws Exception {
        Said said = ask(greeting);
        assertTrue(said.text().startsWith("Hello!"), said.text());
        assertEquals(List.of(), said.sources());
    }

    @Test
    void introducesItselfOnce() throws Exception {
        var guide = new GuideModel(folder, 1_000_000);
        Said second =
                ask(
                        guide,
                        new PromptMessage.User("What is Tendril?"),
                        new PromptMessage.Assistant("…", List.of()),
                        new PromptMessage.User("How do I make a backup?"));
        assertFalse(second.text().contains("I look things up"), second.text());
        assertEquals("guide", guide.info().kind());
    }

    @Test
    void noPagesAtAll() throws Exception {
        Said said =
                ask(
                        new GuideModel(dir.resolve("nothing"), 1_000_000),
                        new PromptMessage.User("What is Tendril?"));
        assertTrue(said.text().contains("no pages yet"), said.text());
    }

    @Test
    void noticesChangedPages() throws Exception {
        Path own = Files.createDirectory(dir.resolve("own"));
        var index = new ContentIndex(own);
        assertEquals(List.of(), index.search("bakery", 3));
        Files.writeString(
                own.resolve("a.md"),
                """
                ---
                title: Our shop
                url: https://example.org/shop
                ---
                # Our shop

                ## The bakery & café

                ```
                # no heading
                ```
                We bake bread.
                """);
        Wire.await("the new page", () -> index.search("bakery", 3).size() == 1);
        Passage found = index.search("bakery", 3).getFirst().passage();
        assertEquals("Our shop: The bakery & café", found.title());
        assertEquals("https://example.org/shop#the-bakery--café", found.address());
        assertTrue(found.text().contains("# no heading"));
        Files.delete(own.resolve("a.md"));
        Wire.await("the end of the page", () -> index.search("bakery", 3).isEmpty());
    }

    @Test
    void badPagesAreLeftOut() throws Exception {
        Path own = Files.createDirectories(dir.resolve("own/deep"));
        Files.write(own.resolve("binary.md"), new byte[] {0, -1, -2, 'x', 'y'});
        Files.writeString(own.resolve("yaml.md"), "---\n: [broken\n---\nAbout zebras.\n");
        Files.writeString(own.resolve("bomb.md"), "---\na: &a [1]\nb: [*a,*a]\n---\nAbout yaks.\n");
        Files.writeString(own.resolve("empty.md"), "");
        Files.writeString(
                own.resolve("script.md"), "---\nurl: javascript:alert(1)\n---\nAbout newts.\n");
        Files.createDirectory(own.resolve("folder.md"));
        var index = new ContentIndex(dir.resolve("own"));
        assertEquals(1, index.search("zebras", 3).size());
        assertEquals(1, index.search("yaks", 3).size());
        assertEquals(
                "content:deep/script.md", index.search("newts", 3).getFirst().passage().address());
    }

    @Test
    void anOperatorsFolderIsLeftAlone() throws Exception {
        Files.delete(folder.resolve("13-troubleshooting.md"));
        StarterContent.provide(folder);
        assertFalse(Files.exists(folder.resolve("13-troubleshooting.md")));
    }

    @Test
    void everyShippedPageHasATitleAndIsListed() throws IOException {
        var titles = new ContentIndex(folder).titles();
        assertTrue(titles.size() >= 8, titles.toString());
        try (var files = Files.list(folder)) {
            assertEquals(titles.size(), files.filter(f -> f.toString().endsWith(".md")).count());
        }
        assertTrue(titles.stream().noneMatch(title -> title.matches("[0-9].*")), titles.toString());
    }

    @Test
    void quotesOnlyWhatFitsFromALongSection() {
        String text =
                "About cats. ".repeat(40)
                        + "\n\nTo wash a dog do this:\n\n```\nwash dog\n```\n\n"
                        + "About birds. ".repeat(40)
                        + "\n\n[here](other.md) ![pic](x.png) [web](https://example.org)";
        String quoted =
                Excerpt.of(text, Set.of("dog"), words -> new ContentIndex(dir).words(words));
        assertTrue(quoted.startsWith("To wash a dog do this:\n\n```\nwash dog\n```"), quoted);
        assertFalse(quoted.contains("cats"), quoted);
        String links =
                Excerpt.of(
                        "[here](o.md) ![pic](x.png) [web](https://e.org)", Set.of(), _ -> Set.of());
        assertEquals("here pic [web](https://e.org)", links);
    }

    @Test
    void streamsAtAPaceAndStops() throws Exception {
        var guide = new GuideModel(folder, 50);
        long start = System.nanoTime();
        ModelStream stream =
                guide.stream(
                        new ModelRequest(
                                "",
                                List.of(new PromptMessage.User("What is Tendril?")),
                                List.of()));
        for (int word = 0; word < 20; word++) {
            assertInstanceOf(ModelEvent.Text.class, stream.next());
        }
        long ms = (System.nanoTime() - start) / 1_000_000;
        assertTrue(ms > 300 && ms < 3_000, "20 words in " + ms + " ms");
        var slow = new GuideModel(folder, 1);
        ModelStream second =
                slow.stream(
                        new ModelRequest("", List.of(new PromptMessage.User("hello")), List.of()));
        second.next();
        Thread.ofVirtual().start(second::close);
        assertEquals(ModelFault.ABORTED, assertThrows(ModelFailure.class, second::next).fault());
        stream.close();
    }
}
