package dev.tendril.relay.attachment;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;

/// Files as visitors and their enemies send them.
final class Pictures {

    private Pictures() {}

    /// The left half is red, the right half blue.
    static BufferedImage halves(int width, int height, int type) {
        var image = new BufferedImage(width, height, type);
        var pen = image.createGraphics();
        pen.setColor(Color.RED);
        pen.fillRect(0, 0, width / 2, height);
        pen.setColor(Color.BLUE);
        pen.fillRect(width / 2, 0, width - width / 2, height);
        pen.dispose();
        return image;
    }

    static byte[] file(BufferedImage image, String format) {
        var bytes = new ByteArrayOutputStream();
        try {
            if (!ImageIO.write(image, format, bytes)) {
                throw new IllegalStateException(format);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /// A JPEG as a phone writes it: lying on its side, with EXIF that says so and more.
    static byte[] fromAPhone(int width, int height, int orientation, String secret) {
        byte[] plain = file(halves(width, height, BufferedImage.TYPE_INT_RGB), "jpeg");
        byte[] words = (secret + "\0").getBytes(StandardCharsets.US_ASCII);
        var exif = new ByteArrayOutputStream();
        exif.writeBytes("Exif\0\0MM\0*\0\0\0\b\0\2".getBytes(StandardCharsets.ISO_8859_1));
        exif.writeBytes(new byte[] {1, 0x0e, 0, 2, 0, 0, 0, (byte) words.length, 0, 0, 0, 38});
        exif.writeBytes(new byte[] {1, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte) orientation, 0, 0});
        exif.writeBytes(new byte[4]);
        exif.writeBytes(words);
        var file = new ByteArrayOutputStream();
        file.write(plain, 0, 2);
        int length = exif.size() + 2;
        file.writeBytes(new byte[] {(byte) 0xff, (byte) 0xe1, (byte) (length >> 8), (byte) length});
        file.writeBytes(exif.toByteArray());
        file.write(plain, 2, plain.length - 2);
        return file.toByteArray();
    }

    /// Two pictures in a row: red and blue halves, then all green. A script hides in its comment.
    static byte[] animated(String script) {
        var bytes = new ByteArrayOutputStream();
        try (var out = ImageIO.createImageOutputStream(bytes)) {
            var writer = ImageIO.getImageWritersByFormatName("gif").next();
            writer.setOutput(out);
            writer.prepareWriteSequence(null);
            writer.writeToSequence(
                    new IIOImage(halves(40, 20, BufferedImage.TYPE_BYTE_INDEXED), null, null),
                    null);
            var green = new BufferedImage(40, 20, BufferedImage.TYPE_BYTE_INDEXED);
            var pen = green.createGraphics();
            pen.setColor(Color.GREEN);
            pen.fillRect(0, 0, 40, 20);
            pen.dispose();
            writer.writeToSequence(new IIOImage(green, null, null), null);
            writer.endWriteSequence();
            writer.dispose();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        byte[] gif = bytes.toByteArray();
        var polyglot = new ByteArrayOutputStream();
        polyglot.write(gif, 0, gif.length - 1);
        byte[] words = script.getBytes(StandardCharsets.US_ASCII);
        polyglot.writeBytes(new byte[] {0x21, (byte) 0xfe, (byte) words.length});
        polyglot.writeBytes(words);
        polyglot.writeBytes(new byte[] {0, 0x3b});
        polyglot.writeBytes(words);
        return polyglot.toByteArray();
    }

    /// A few bytes that say that they are a huge PNG.
    static byte[] bomb(int width, int height) {
        var bytes = new ByteArrayOutputStream();
        bytes.writeBytes("\u0089PNG\r\n\u001a\n".getBytes(StandardCharsets.ISO_8859_1));
        try (var out = new DataOutputStream(bytes)) {
            var header = new ByteArrayOutputStream();
            try (var fields = new DataOutputStream(header)) {
                fields.writeBytes("IHDR");
                fields.writeInt(width);
                fields.writeInt(height);
                fields.write(new byte[] {8, 6, 0, 0, 0});
            }
            out.writeInt(13);
            out.write(header.toByteArray());
            var sum = new CRC32();
            sum.update(header.toByteArray());
            out.writeInt((int) sum.getValue());
            out.writeInt(0);
            out.writeBytes("IDAT");
            out.writeInt(0x35af061e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /// A PNG that ends in the middle.
    static byte[] torn() {
        byte[] whole = file(halves(300, 200, BufferedImage.TYPE_INT_ARGB), "png");
        return java.util.Arrays.copyOf(whole, whole.length / 2);
    }

    static byte[] resource(String name) {
        try (var in = Pictures.class.getResourceAsStream("/images/" + name)) {
            return java.util.Objects.requireNonNull(in, name).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static BufferedImage read(byte[] bytes) {
        try {
            return java.util.Objects.requireNonNull(ImageIO.read(new ByteArrayInputStream(bytes)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
