package dev.tendril.relay.up;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// The little JSON that `up` reads, without the application's object mapper.
final class Json {
    private static final JsonFactory FACTORY = new JsonFactory();

    private Json() {}

    /// The scalar values of every field with that name, at any depth, in order.
    static List<String> strings(String json, String field) throws IOException {
        var values = new ArrayList<String>();
        try (var parser = FACTORY.createParser(json)) {
            for (JsonToken token; (token = parser.nextToken()) != null; ) {
                if (token == JsonToken.FIELD_NAME && field.equals(parser.currentName())) {
                    if (parser.nextToken().isScalarValue()) {
                        values.add(parser.getText());
                    }
                }
            }
        }
        return values;
    }
}
