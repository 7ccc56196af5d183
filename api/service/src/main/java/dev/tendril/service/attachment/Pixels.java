package dev.tendril.service.attachment;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;

/// What is done with decoded pixels. Every picture drawn here is sRGB.
final class Pixels {

    private static final float QUALITY = 0.86f;

    /// A PNG of more bytes is a photograph, and becomes a JPEG.
    private static final int LARGEST_PNG = 2 * 1024 * 1024;

    private Pixels() {}

    /// Turned and mirrored as EXIF's orientation says.
    static BufferedImage upright(BufferedImage image, int orientation) {
        if (orientation < 2 || orientation > 8) {
            return image;
        }
        int w = image.getWidth();
        int h = image.getHeight();
        AffineTransform turn =
                switch (orientation) {
                    case 2 -> new AffineTransform(-1, 0, 0, 1, w, 0);
                    case 3 -> new AffineTransform(-1, 0, 0, -1, w, h);
                    case 4 -> new AffineTransform(1, 0, 0, -1, 0, h);
                    case 5 -> new AffineTransform(0, 1, 1, 0, 0, 0);
                    case 6 -> new AffineTransform(0, 1, -1, 0, h, 0);
                    case 7 -> new AffineTransform(0, -1, -1, 0, h, w);
                    default -> new AffineTransform(0, -1, 1, 0, 0, w);
                };
        boolean swapped = orientation >= 5;
        BufferedImage turned = canvas(image, swapped ? h : w, swapped ? w : h);
        Graphics2D pen = turned.createGraphics();
        pen.drawImage(image, turn, null);
        pen.dispose();
        return turned;
    }

    /// Made smaller until no side is longer than `side`; halved first, which keeps thin lines.
    static BufferedImage within(BufferedImage image, int side) {
        BufferedImage now = image;
        while (Math.max(now.getWidth(), now.getHeight()) > 2 * side) {
            now = scaled(now, now.getWidth() / 2, now.getHeight() / 2);
        }
        int longest = Math.max(now.getWidth(), now.getHeight());
        double factor = Math.min(1, (double) side / longest);
        return scaled(
                now,
                (int) Math.round(now.getWidth() * factor),
                (int) Math.round(now.getHeight() * factor));
    }

    private static BufferedImage scaled(BufferedImage image, int width, int height) {
        BufferedImage scaled = canvas(image, Math.max(1, width), Math.max(1, height));
        Graphics2D pen = scaled.createGraphics();
        pen.setRenderingHint(
                RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        pen.drawImage(image, 0, 0, scaled.getWidth(), scaled.getHeight(), null);
        pen.dispose();
        return scaled;
    }

    private static BufferedImage canvas(BufferedImage like, int width, int height) {
        return new BufferedImage(
                width,
                height,
                like.getColorModel().hasAlpha()
                        ? BufferedImage.TYPE_INT_ARGB
                        : BufferedImage.TYPE_INT_RGB);
    }

    /// Written without a word of what the first file said.
    ///
    /// @param sharp a PNG if that is not large, else a JPEG, where white shows through
    static Encoded encode(BufferedImage image, boolean sharp) throws IOException {
        if (sharp) {
            var png = new ByteArrayOutputStream();
            if (!ImageIO.write(image, "png", png)) {
                throw new IOException("no PNG writer");
            }
            if (png.size() <= LARGEST_PNG) {
                return new Encoded("image/png", png.toByteArray());
            }
        }
        var plain =
                new BufferedImage(image.getWidth(), image.getHeight(), BufferedImage.TYPE_INT_RGB);
        Graphics2D pen = plain.createGraphics();
        pen.drawImage(image, 0, 0, Color.WHITE, null);
        pen.dispose();
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        var bytes = new ByteArrayOutputStream();
        try (var out = ImageIO.createImageOutputStream(bytes)) {
            ImageWriteParam parameters = writer.getDefaultWriteParam();
            parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            parameters.setCompressionQuality(QUALITY);
            writer.setOutput(out);
            writer.write(null, new IIOImage(plain, null, null), parameters);
        } finally {
            writer.dispose();
        }
        return new Encoded("image/jpeg", bytes.toByteArray());
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Encoded(String mediaType, byte[] bytes) {}
}
