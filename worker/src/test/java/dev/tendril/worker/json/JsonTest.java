package dev.tendril.worker.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    @Test
    void readsWhatItWrote() throws BadJson {
        String text = "{\"b\":[1,2.50,null,true,\"\\u0000x\"],\"a\":{}}";
        assertEquals(text, Json.write(Json.read(text)));
    }

    @Test
    void equalValuesAreEqualCanonicalText() throws BadJson {
        assertEquals(
                Json.canonical(Json.read("{\"a\":1,\"b\":{\"d\":2,\"c\":3}}")),
                Json.canonical(Json.read("{\"b\":{\"c\":3,\"d\":2},\"a\":1}")));
        assertEquals(Map.of("a", List.of(1L)), Json.read("{\"a\":[1]}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "{\"a\":1}{",
                "{\"a\":1,\"a\":2}",
                "[1,]",
                "{'a':1}",
                "NaN",
                "// x\n1",
                "1 2",
                "\"\\ud800"
            })
    void refuses(String text) {
        assertThrows(BadJson.class, () -> Json.read(text));
    }

    @Test
    void refusesBombs() {
        assertThrows(BadJson.class, () -> Json.read("[".repeat(100_000)));
        assertThrows(BadJson.class, () -> Json.read("9".repeat(1_000)));
        assertThrows(BadJson.class, () -> Json.read("\"" + "x".repeat(5 << 20) + "\""));
    }

    @Test
    void saysNothingOfTheDocument() {
        BadJson e = assertThrows(BadJson.class, () -> Json.read("{\"secret-word\" 1}"));
        assertEquals(false, e.getMessage().contains("secret-word"), e.getMessage());
    }
}
