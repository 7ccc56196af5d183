package dev.tendril.service.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.junit.jupiter.api.Test;

final class FrameCodecTest {

    private static final String BACKSLASH = "\\";

    @Test
    void whatCanBeStoredStaysAsItIs() {
        for (String json :
                new String[] {
                    "",
                    "\"plain für 日本 🌱\"",
                    "\"" + BACKSLASH + BACKSLASH + "u0000\"",
                    "\"" + BACKSLASH + "n" + BACKSLASH + "\"" + BACKSLASH + "u00e9\"",
                    "\"" + BACKSLASH + "ud83c" + BACKSLASH + "udf31\""
                }) {
            assertSame(json, FrameCodec.storable(json));
        }
    }

    @Test
    void nulAndHalvesOfPairsAreReplaced() {
        String gone = "\ufffd";
        assertEquals("\"a" + gone + "b\"", FrameCodec.storable("\"a" + BACKSLASH + "u0000b\""));
        assertEquals(
                BACKSLASH + BACKSLASH + gone,
                FrameCodec.storable(BACKSLASH + BACKSLASH + BACKSLASH + "u0000"));
        assertEquals("a" + gone + "b", FrameCodec.storable("a\ud83cb"));
        assertEquals(gone, FrameCodec.storable("\udf31"));
        assertEquals(gone + gone, FrameCodec.storable("\udf31\ud83c"));
        assertEquals(gone + "c", FrameCodec.storable(BACKSLASH + "uD83Cc"));
        assertEquals(gone, FrameCodec.storable(BACKSLASH + "udf31"));
        assertEquals(gone + "🌱", FrameCodec.storable("\ud83c🌱"));
    }

    @Test
    void aCursorIsReadAsItIsWritten() {
        assertEquals(new Cursor("ab12", 7), Cursor.parse("ab12:7"));
        assertEquals("ab12:7", new Cursor("ab12", 7).toString());
        assertEquals(Cursor.BEGINNING, Cursor.parse("0"));
        for (String text :
                new String[] {
                    "", "1", "-0", "a:", ":1", "a:01", "A:1", "a:1 ", "a:1:1", "a".repeat(17) + ":1"
                }) {
            assertNull(Cursor.parse(text), text);
        }
    }
}
