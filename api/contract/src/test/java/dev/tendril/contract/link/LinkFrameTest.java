package dev.tendril.contract.link;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class LinkFrameTest {

    private static final List<LinkFrame> ALL =
            List.of(
                    new LinkFrame.Opened(1),
                    new LinkFrame.Packet(0x01020304, new byte[] {9, 8}),
                    new LinkFrame.Closed(7, LinkCode.ELSEWHERE.code()),
                    new LinkFrame.Ping(1L << 40),
                    new LinkFrame.Pong(-1));

    @Test
    void eachFrameHasTheBytesOfTheProtocol() {
        List<String> hex =
                List.of(
                        "0100000001",
                        "02010203040908",
                        "03000000071145",
                        "040000010000000000",
                        "05ffffffffffffffff");
        for (int i = 0; i < ALL.size(); i++) {
            byte[] bytes = ALL.get(i).encode();
            assertEquals(hex.get(i), HexFormat.of().formatHex(bytes));
            assertArrayEquals(bytes, LinkFrame.decode(bytes).encode());
        }
    }

    @Test
    void whatNobodyWritesIsRefused() {
        for (LinkFrame frame : ALL) {
            byte[] bytes = frame.encode();
            for (int length = 0; length < bytes.length; length++) {
                byte[] cut = Arrays.copyOf(bytes, length);
                if (!(frame instanceof LinkFrame.Packet && length > 5)) {
                    assertThrows(IllegalArgumentException.class, () -> LinkFrame.decode(cut));
                }
            }
            if (!(frame instanceof LinkFrame.Packet)) {
                byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
                assertThrows(IllegalArgumentException.class, () -> LinkFrame.decode(longer));
            }
        }
        for (int type : new int[] {0, 6, 127, 128, 255}) {
            byte[] unknown = new byte[9];
            unknown[0] = (byte) type;
            unknown[4] = 1;
            assertThrows(IllegalArgumentException.class, () -> LinkFrame.decode(unknown));
        }
        assertThrows(
                IllegalArgumentException.class,
                () -> LinkFrame.decode(new LinkFrame.Opened(0).encode()));
        assertThrows(
                IllegalArgumentException.class,
                () -> LinkFrame.decode(new byte[LinkFrame.MAX_BYTES + 1]));
    }
}
