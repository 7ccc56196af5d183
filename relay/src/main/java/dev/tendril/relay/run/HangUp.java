package dev.tendril.relay.run;

import io.micronaut.http.HttpRequest;
import io.micronaut.http.server.netty.NettyHttpRequest;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import org.jspecify.annotations.Nullable;

/// Learns when a caller closes its connection while its call waits.
final class HangUp implements AutoCloseable {

    private final @Nullable ChannelFuture connection;
    private final ChannelFutureListener listener;

    /// Tells the waiter when the caller goes away, at once if it has gone; until closed.
    HangUp(HttpRequest<?> request, Waiter waiter) {
        listener = _ -> waiter.leave();
        connection =
                request instanceof NettyHttpRequest<?> netty
                        ? netty.getChannelHandlerContext().channel().closeFuture()
                        : null;
        if (connection != null) {
            connection.addListener(listener);
        }
    }

    @Override
    public void close() {
        if (connection != null) {
            connection.removeListener(listener);
        }
    }
}
