package dev.tendril.contract.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.chat.MessagePage;
import dev.tendril.contract.chat.Part;
import dev.tendril.contract.problem.Problem;
import io.micronaut.core.type.Argument;
import io.micronaut.json.tree.JsonNode;
import io.micronaut.serde.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// The golden samples of `wire/`, which the TypeScript tests read too.
class FrameWireTest {

    private static final Path WIRE = Path.of("src/test/resources/wire");
    private static final ObjectMapper JSON = ObjectMapper.getDefault();

    @TestFactory
    Stream<DynamicTest> everySampleSurvivesTheRoundTripAndFoldsToItsParts() throws IOException {
        List<Path> samples;
        try (Stream<Path> files = Files.list(WIRE)) {
            samples =
                    files.filter(f -> f.getFileName().toString().startsWith("fold-"))
                            .sorted()
                            .toList();
        }
        assertTrue(samples.size() >= 7, "samples found: " + samples);
        return samples.stream()
                .map(f -> DynamicTest.dynamicTest(f.getFileName().toString(), () -> check(f)));
    }

    private static void check(Path sample) throws IOException {
        JsonNode root = tree(Files.readString(sample));
        List<Frame> frames = new ArrayList<>();
        for (JsonNode node : list(root, "frames")) {
            Frame frame = JSON.readValue(JSON.writeValueAsBytes(node), Frame.class);
            assertEquals(node, tree(JSON.writeValueAsString(frame)), "round trip of " + frame);
            frames.add(frame);
        }
        JsonNode folded =
                tree(
                        new String(
                                JSON.writeValueAsBytes(
                                        Argument.listOf(Part.class), FrameFolder.fold(frames)),
                                java.nio.charset.StandardCharsets.UTF_8));
        assertEquals(JsonNode.createArrayNode(list(root, "parts")), folded);

        FrameFolder folder = new FrameFolder();
        frames.forEach(folder::accept);
        assertEquals(List.of(), folder.closing(), "a finished answer has nothing open");
    }

    @Test
    void closingEndsWhatIsOpenInOrder() {
        FrameFolder folder = new FrameFolder();
        folder.accept(new Frame.StartStep());
        folder.accept(new Frame.ReasoningStart("r"));
        folder.accept(new Frame.TextStart("t"));
        assertEquals(
                List.of(
                        new Frame.ReasoningEnd("r"),
                        new Frame.TextEnd("t"),
                        new Frame.FinishStep()),
                folder.closing());
        assertEquals(List.of("r", "t"), folder.ids());
    }

    @Test
    void anUnknownTypeIsRefused() {
        assertThrows(
                IOException.class,
                () -> JSON.readValue("{\"type\":\"relay-command\",\"run\":\"rm\"}", Frame.class));
    }

    @Test
    void recordsMatchTheirSamples() throws IOException {
        sameAfterRoundTrip("message-page.json", MessagePage.class);
        sameAfterRoundTrip("problem.json", Problem.class);
    }

    private static void sameAfterRoundTrip(String file, Class<?> type) throws IOException {
        String sample = Files.readString(WIRE.resolve(file));
        assertEquals(tree(sample), tree(JSON.writeValueAsString(JSON.readValue(sample, type))));
    }

    private static JsonNode tree(String json) throws IOException {
        return JSON.readValue(json, JsonNode.class);
    }

    private static List<JsonNode> list(JsonNode root, String field) {
        List<JsonNode> nodes = new ArrayList<>();
        JsonNode array = root.get(field);
        if (array != null) {
            array.values().forEach(nodes::add);
        }
        return nodes;
    }
}
