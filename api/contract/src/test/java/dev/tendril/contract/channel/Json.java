package dev.tendril.contract.channel;

import io.micronaut.json.tree.JsonNode;
import io.micronaut.serde.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The shared vectors, read and, on purpose only, written.
final class Json {

    private static final Path WIRE = Path.of("src/test/resources/wire");
    private static final ObjectMapper MAPPER = ObjectMapper.getDefault();

    private Json() {}

    static JsonNode read(String file) {
        try {
            return MAPPER.readValue(Files.readString(WIRE.resolve(file)), JsonNode.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The golden file's text; first replaced by `made` under `-Dchannel.vectors=write`.
    static String golden(String file, Object made) {
        try {
            if ("write".equals(System.getProperty("channel.vectors"))) {
                Files.writeString(WIRE.resolve(file), text(made));
            }
            return Files.readString(WIRE.resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String text(Object made) {
        StringBuilder out = new StringBuilder();
        pretty(node(made), "", out);
        return out.append('\n').toString();
    }

    static JsonNode node(Object value) {
        return switch (value) {
            case Map<?, ?> map -> {
                Map<String, JsonNode> nodes = new LinkedHashMap<>();
                map.forEach((key, v) -> nodes.put((String) key, node(v)));
                yield JsonNode.createObjectNode(nodes);
            }
            case List<?> list -> JsonNode.createArrayNode(list.stream().map(Json::node).toList());
            case byte[] bytes -> JsonNode.createStringNode(hex(bytes));
            case String text -> JsonNode.createStringNode(text);
            case Integer number -> JsonNode.createNumberNode(number);
            case Long number -> JsonNode.createNumberNode(number);
            case Boolean truth -> JsonNode.createBooleanNode(truth);
            default -> throw new IllegalArgumentException(value.getClass().toString());
        };
    }

    static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    static byte[] bytes(JsonNode node, String field) {
        return bytes(text(node, field));
    }

    static String text(JsonNode node, String field) {
        return field(node, field).getStringValue();
    }

    static JsonNode field(JsonNode node, String field) {
        JsonNode value = node.get(field);
        if (value == null) {
            throw new IllegalArgumentException("no " + field);
        }
        return value;
    }

    static List<JsonNode> list(JsonNode node, String field) {
        List<JsonNode> all = new ArrayList<>();
        field(node, field).values().forEach(all::add);
        return all;
    }

    private static void pretty(JsonNode node, String indent, StringBuilder out) {
        String inner = indent + "  ";
        if (node.isObject()) {
            String separator = "{\n";
            for (Map.Entry<String, JsonNode> entry : node.entries()) {
                out.append(separator).append(inner).append('"').append(entry.getKey());
                out.append("\": ");
                pretty(entry.getValue(), inner, out);
                separator = ",\n";
            }
            out.append('\n').append(indent).append('}');
        } else if (node.isArray() && node.size() > 0) {
            String separator = "[\n";
            for (JsonNode value : node.values()) {
                out.append(separator).append(inner);
                pretty(value, inner, out);
                separator = ",\n";
            }
            out.append('\n').append(indent).append(']');
        } else {
            try {
                out.append(MAPPER.writeValueAsString(node));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
