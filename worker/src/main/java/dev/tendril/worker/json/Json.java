package dev.tendril.worker.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Reads and writes JSON under limits that hold for whatever a model or a server sends: 64 levels,
/// 100 digits a number, 4 MiB a document, no key twice.
public final class Json {
    private static final int MAX_DEPTH = 64;
    private static final int MAX_CHARS = 4 * 1024 * 1024;

    private static final JsonFactory FACTORY =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(MAX_DEPTH)
                                    .maxNumberLength(100)
                                    .maxStringLength(MAX_CHARS)
                                    .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build();

    private Json() {}

    /// Reads exactly one document.
    ///
    /// @throws BadJson with a reason that a model can act on
    public static @Nullable Object read(String text) throws BadJson {
        if (text.length() > MAX_CHARS) {
            throw new BadJson("the JSON is over 4 MiB");
        }
        try (JsonParser parser = FACTORY.createParser(text)) {
            JsonToken first = parser.nextToken();
            if (first == null) {
                throw new BadJson("the JSON is empty");
            }
            Object value = value(parser, first);
            if (parser.nextToken() != null) {
                throw new BadJson("something follows the JSON document");
            }
            return value;
        } catch (JsonProcessingException e) {
            throw new BadJson("not valid JSON" + where(e.getLocation()) + reason(e));
        } catch (IOException e) {
            throw new BadJson("not readable as JSON");
        }
    }

    /// Reads one document that must be an object.
    ///
    /// @throws BadJson also for any other kind of value
    public static Map<String, @Nullable Object> readObject(String text) throws BadJson {
        if (read(text) instanceof Map<?, ?> map) {
            return object(map);
        }
        throw new BadJson("a JSON object is expected");
    }

    /// The given map, its keys known to be strings.
    @SuppressWarnings("unchecked")
    public static Map<String, @Nullable Object> object(Map<?, ?> map) {
        return (Map<String, @Nullable Object>) map;
    }

    /// Writes a value, keys in the order that the map has.
    public static String write(@Nullable Object value) {
        return write(value, false);
    }

    /// Writes a value, keys sorted at every level: equal values become equal text.
    public static String canonical(@Nullable Object value) {
        return write(value, true);
    }

    private static String write(@Nullable Object value, boolean sorted) {
        StringWriter text = new StringWriter();
        try (JsonGenerator generator = FACTORY.createGenerator(text)) {
            write(generator, value, sorted);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    private static @Nullable Object value(JsonParser parser, JsonToken token)
            throws IOException, BadJson {
        return switch (token) {
            case START_OBJECT -> object(parser);
            case START_ARRAY -> array(parser);
            case VALUE_STRING -> parser.getText();
            case VALUE_NUMBER_INT -> integer(parser.getBigIntegerValue());
            case VALUE_NUMBER_FLOAT -> parser.getDecimalValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            default -> throw new BadJson("not valid JSON");
        };
    }

    private static Object integer(BigInteger number) {
        return number.bitLength() < Long.SIZE ? (Object) number.longValue() : number;
    }

    private static Map<String, @Nullable Object> object(JsonParser parser)
            throws IOException, BadJson {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        for (JsonToken t = parser.nextToken(); t != JsonToken.END_OBJECT; t = parser.nextToken()) {
            String key = parser.currentName();
            map.put(key, value(parser, parser.nextToken()));
        }
        return map;
    }

    private static List<@Nullable Object> array(JsonParser parser) throws IOException, BadJson {
        List<@Nullable Object> list = new ArrayList<>();
        for (JsonToken t = parser.nextToken(); t != JsonToken.END_ARRAY; t = parser.nextToken()) {
            list.add(value(parser, t));
        }
        return list;
    }

    private static void write(JsonGenerator to, @Nullable Object value, boolean sorted)
            throws IOException {
        switch (value) {
            case null -> to.writeNull();
            case Map<?, ?> map -> {
                to.writeStartObject();
                Map<String, @Nullable Object> fields = object(map);
                for (var field : (sorted ? new TreeMap<>(fields) : fields).entrySet()) {
                    to.writeFieldName(field.getKey());
                    write(to, field.getValue(), sorted);
                }
                to.writeEndObject();
            }
            case Collection<?> list -> {
                to.writeStartArray();
                for (Object element : list) {
                    write(to, element, sorted);
                }
                to.writeEndArray();
            }
            case Integer n -> to.writeNumber(n);
            case Long n -> to.writeNumber(n);
            case BigInteger n -> to.writeNumber(n);
            case BigDecimal n -> to.writeNumber(n);
            case Double n -> to.writeNumber(n);
            case Boolean b -> to.writeBoolean(b);
            default -> to.writeString(value.toString());
        }
    }

    private static String where(@Nullable JsonLocation at) {
        return at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
    }

    private static String reason(JsonProcessingException e) {
        String said = e.getOriginalMessage();
        if (said.startsWith("Duplicate field")) {
            return ": a key stands twice";
        }
        if (said.contains("nesting depth")) {
            return ": more than " + MAX_DEPTH + " levels";
        }
        return "";
    }
}
