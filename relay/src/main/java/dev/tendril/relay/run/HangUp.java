package dev.tendril.relay.run;

import io.micronaut.http.HttpRequest;
import io.micronaut.http.server.netty.NettyHttpRequest;

/// Learns when a caller closes its connection while its call waits.
final class HangUp {

    private HangUp() {}

    /// Tells the waiter when the caller goes away; at once if it has gone.
    static void watch(HttpRequest<?> request, Waiter waiter) {
        if (request instanceof NettyHttpRequest<?> netty) {
            netty.getChannelHandlerContext()
                    .channel()
                    .closeFuture()
                    .addListener(_ -> waiter.leave());
        }
    }
}
