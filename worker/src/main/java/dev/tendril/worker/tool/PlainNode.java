package dev.tendril.worker.tool;

import dev.harrel.jsonschema.JsonNode;
import dev.harrel.jsonschema.JsonNodeFactory;
import dev.harrel.jsonschema.SimpleType;
import dev.tendril.worker.json.BadJson;
import dev.tendril.worker.json.Json;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Shows our plain JSON values to the schema validator.
final class PlainNode implements JsonNode {
    private final @Nullable Object value;
    private final String pointer;

    private PlainNode(@Nullable Object value, String pointer) {
        this.value = value;
        this.pointer = pointer;
    }

    /// Wraps values and reads the validator's own meta schemas.
    static final class Factory implements JsonNodeFactory {
        @Override
        public JsonNode wrap(Object value) {
            return value instanceof JsonNode node ? node : new PlainNode(value, "");
        }

        @Override
        public JsonNode create(String json) {
            try {
                return new PlainNode(Json.read(json), "");
            } catch (BadJson e) {
                throw new IllegalArgumentException(e);
            }
        }
    }

    @Override
    public String getJsonPointer() {
        return pointer;
    }

    @Override
    public SimpleType getNodeType() {
        return switch (value) {
            case null -> SimpleType.NULL;
            case Boolean _ -> SimpleType.BOOLEAN;
            case String _ -> SimpleType.STRING;
            case Integer _, Long _, BigInteger _ -> SimpleType.INTEGER;
            case BigDecimal n when n.stripTrailingZeros().scale() <= 0 -> SimpleType.INTEGER;
            case Number _ -> SimpleType.NUMBER;
            case List<?> _ -> SimpleType.ARRAY;
            case Map<?, ?> _ -> SimpleType.OBJECT;
            default -> throw new IllegalArgumentException("not a JSON value");
        };
    }

    @Override
    public boolean asBoolean() {
        return Boolean.TRUE.equals(value);
    }

    @Override
    public String asString() {
        return String.valueOf(value);
    }

    @Override
    public BigInteger asInteger() {
        return asNumber().toBigInteger();
    }

    @Override
    public BigDecimal asNumber() {
        return new BigDecimal(String.valueOf(value));
    }

    @Override
    public List<JsonNode> asArray() {
        List<JsonNode> nodes = new ArrayList<>();
        if (value instanceof List<?> list) {
            for (Object element : list) {
                nodes.add(new PlainNode(element, pointer + "/" + nodes.size()));
            }
        }
        return nodes;
    }

    @Override
    public Map<String, JsonNode> asObject() {
        Map<String, JsonNode> nodes = new LinkedHashMap<>();
        if (value instanceof Map<?, ?> map) {
            Json.object(map)
                    .forEach((key, element) ->
                            nodes.put(
                                    key,
                                    new PlainNode(
                                            element,
                                            pointer + "/" + JsonNode.encodeJsonPointer(key))));
        }
        return nodes;
    }

    /// By JSON value: 1 equals 1.0, objects in any order.
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PlainNode node && Objects.equals(comparable(), node.comparable());
    }

    @Override
    public int hashCode() {
        return Objects.hashCode(comparable());
    }

    private @Nullable Object comparable() {
        return switch (value) {
            case Number _ -> asNumber().stripTrailingZeros();
            case List<?> _ -> asArray();
            case Map<?, ?> _ -> asObject();
            case null, default -> value;
        };
    }
}
