package dev.tendril.service.attachment;

import com.drew.imaging.ImageMetadataReader;
import com.drew.imaging.ImageProcessingException;
import com.drew.metadata.MetadataException;
import com.drew.metadata.exif.ExifDirectoryBase;
import com.drew.metadata.exif.ExifIFD0Directory;
import java.awt.image.BufferedImage;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;

/// The process that [Darkroom] starts: one image on standard input, its [Verdict] and what was made
/// of it on standard output. Knows nothing of the relay.
final class Developing {

    /// More than these are skipped while decoding: so many fit into the process.
    private static final double DECODED_PIXELS = 8_000_000;

    private static final int SIDE = 2_048;
    private static final int THUMBNAIL_SIDE = 480;

    private Developing() {}

    /// Answers and ends; any other end than exit code 0 means that the image was too much.
    public static void main(String[] arguments) throws IOException {
        PrintStream wire = System.out;
        System.setOut(System.err);
        ImageIO.setUseCache(false);
        byte[] bytes = System.in.readAllBytes();
        try (var out = new DataOutputStream(new BufferedOutputStream(wire))) {
            Developed developed;
            try {
                developed = develop(bytes);
            } catch (TooManyPixels _) {
                out.writeByte(Verdict.TOO_MANY_PIXELS.ordinal());
                return;
            } catch (IOException | RuntimeException _) {
                out.writeByte(Verdict.UNREADABLE.ordinal());
                return;
            }
            out.writeByte(Verdict.DEVELOPED.ordinal());
            out.writeUTF(developed.mediaType());
            out.writeInt(developed.width());
            out.writeInt(developed.height());
            out.writeInt(developed.content().length);
            out.write(developed.content());
            out.writeInt(developed.thumbnail().length);
            out.write(developed.thumbnail());
        }
    }

    private static Developed develop(byte[] bytes) throws IOException, TooManyPixels {
        ImageKind kind = ImageKind.of(bytes);
        if (kind == null) {
            throw new IOException("no known image");
        }
        BufferedImage raw = decode(bytes, kind);
        BufferedImage upright = Pixels.upright(raw, orientation(bytes));
        BufferedImage image = Pixels.within(upright, SIDE);
        boolean sharp =
                kind == ImageKind.PNG || kind == ImageKind.GIF || image.getColorModel().hasAlpha();
        Pixels.Encoded content = Pixels.encode(image, sharp);
        Pixels.Encoded thumbnail = Pixels.encode(Pixels.within(image, THUMBNAIL_SIDE), false);
        return new Developed(
                content.mediaType(),
                image.getWidth(),
                image.getHeight(),
                content.bytes(),
                thumbnail.bytes());
    }

    /// The first image of the file, at about its size or a whole part of it.
    private static BufferedImage decode(byte[] bytes, ImageKind kind)
            throws IOException, TooManyPixels {
        var readers = ImageIO.getImageReadersByFormatName(kind.name());
        if (!readers.hasNext()) {
            throw new IOException("no reader");
        }
        ImageReader reader = readers.next();
        try (var in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
            reader.setInput(in, false, true);
            long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
            if (pixels > kind.mostPixels()) {
                throw new TooManyPixels();
            }
            int skip = (int) Math.max(1, Math.ceil(Math.sqrt(pixels / DECODED_PIXELS)));
            ImageReadParam parameters = reader.getDefaultReadParam();
            parameters.setSourceSubsampling(skip, skip, 0, 0);
            return reader.read(0, parameters);
        } finally {
            reader.dispose();
        }
    }

    /// 1 to 8 as EXIF counts; 1 when the file says nothing that makes sense.
    private static int orientation(byte[] bytes) {
        try {
            var metadata = ImageMetadataReader.readMetadata(new ByteArrayInputStream(bytes));
            var exif = metadata.getFirstDirectoryOfType(ExifIFD0Directory.class);
            return exif == null || !exif.containsTag(ExifDirectoryBase.TAG_ORIENTATION)
                    ? 1
                    : exif.getInt(ExifDirectoryBase.TAG_ORIENTATION);
        } catch (ImageProcessingException | MetadataException | IOException _) {
            return 1;
        }
    }

    private static final class TooManyPixels extends Exception {
        private static final long serialVersionUID = 1L;
    }
}
