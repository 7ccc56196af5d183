package dev.tendril.worker.cli;

import com.google.zxing.BarcodeFormat;
import com.google.zxing.EncodeHintType;
import com.google.zxing.WriterException;
import com.google.zxing.common.BitMatrix;
import com.google.zxing.qrcode.QRCodeWriter;
import com.google.zxing.qrcode.decoder.ErrorCorrectionLevel;
import java.util.Map;

/// A text as a QR code for a terminal: two rows of squares in each line, dark on light by colour,
/// so that it reads the same in a dark and in a light terminal.
final class QrCode {

    private static final int QUIET_SQUARES = 2;
    private static final String DARK_ON_LIGHT = "\u001b[38;2;0;0;0;48;2;255;255;255m";
    private static final String PLAIN = "\u001b[0m";

    private QrCode() {}

    /// @throws IllegalArgumentException when the text is too long for any QR code
    static String of(String text) {
        BitMatrix bits = bits(text);
        StringBuilder out = new StringBuilder();
        for (int y = 0; y < bits.getHeight(); y += 2) {
            out.append(DARK_ON_LIGHT);
            for (int x = 0; x < bits.getWidth(); x++) {
                boolean upper = bits.get(x, y);
                boolean lower = y + 1 < bits.getHeight() && bits.get(x, y + 1);
                out.append(upper ? lower ? '█' : '▀' : lower ? '▄' : ' ');
            }
            out.append(PLAIN).append('\n');
        }
        return out.toString();
    }

    static BitMatrix bits(String text) {
        try {
            return new QRCodeWriter()
                    .encode(
                            text,
                            BarcodeFormat.QR_CODE,
                            0,
                            0,
                            Map.of(
                                    EncodeHintType.ERROR_CORRECTION,
                                    ErrorCorrectionLevel.L,
                                    EncodeHintType.MARGIN,
                                    QUIET_SQUARES));
        } catch (WriterException e) {
            throw new IllegalArgumentException("too long for a QR code", e);
        }
    }
}
