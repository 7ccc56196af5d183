package dev.tendril.relay.stream;

import io.micronaut.context.annotation.Replaces;
import io.micronaut.http.MediaType;
import io.micronaut.http.server.netty.DefaultHttpCompressionStrategy;
import io.micronaut.http.server.netty.HttpCompressionStrategy;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import jakarta.inject.Singleton;

/// Compresses texts of 1 KiB or more, but never an event stream: a compressor per idle reader would
/// cost a quarter of a megabyte, and whoever unpacks may hold words back.
@Singleton
@Replaces(DefaultHttpCompressionStrategy.class)
final class StreamCompression implements HttpCompressionStrategy {

    private static final int WORTHWHILE_BYTES = 1024;
    private static final int ZSTD_BYTES = 32 * 1024 * 1024;

    @Override
    public boolean shouldCompress(HttpResponse response) {
        String type = response.headers().get(HttpHeaderNames.CONTENT_TYPE);
        if (type == null || type.startsWith(MediaType.TEXT_EVENT_STREAM)) {
            return false;
        }
        long bytes =
                response instanceof FullHttpResponse full
                        ? full.content().readableBytes()
                        : HttpUtil.getContentLength(response, Long.MAX_VALUE);
        return bytes >= WORTHWHILE_BYTES && MediaType.isTextBased(type);
    }

    @Override
    public int getMaxZstdEncodeSize() {
        return ZSTD_BYTES;
    }
}
