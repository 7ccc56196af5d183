package dev.tendril.relay.link;

import dev.tendril.contract.link.LinkFrame;
import io.micronaut.context.event.BeanCreatedEvent;
import io.micronaut.context.event.BeanCreatedEventListener;
import io.micronaut.http.netty.channel.ChannelPipelineCustomizer;
import io.micronaut.http.server.netty.NettyServerCustomizer;
import io.micronaut.http.server.netty.websocket.NettyServerWebSocketUpgradeHandler;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import jakarta.inject.Singleton;

/// No compression on WebSockets, and a bound for whole messages. With the framework's own handler
/// one small compressed frame may become any number of bytes, and each fragment is measured alone;
/// and packets are ciphertext, which does not shrink.
@Singleton
final class PlainWebSockets implements BeanCreatedEventListener<NettyServerCustomizer.Registry> {

    @Override
    public NettyServerCustomizer.Registry onCreated(
            BeanCreatedEvent<NettyServerCustomizer.Registry> event) {
        event.getBean().register(new Customizer(null));
        return event.getBean();
    }

    private record Customizer(@org.jspecify.annotations.Nullable Channel channel)
            implements NettyServerCustomizer {

        @Override
        public NettyServerCustomizer specializeForChannel(Channel of, ChannelRole role) {
            return new Customizer(of);
        }

        @Override
        public void onStreamPipelineBuilt() {
            if (channel == null) {
                return;
            }
            ChannelPipeline pipeline = channel.pipeline();
            if (pipeline.get(NettyServerWebSocketUpgradeHandler.COMPRESSION_HANDLER) != null) {
                pipeline.remove(NettyServerWebSocketUpgradeHandler.COMPRESSION_HANDLER);
                pipeline.addBefore(
                        ChannelPipelineCustomizer.HANDLER_MICRONAUT_INBOUND,
                        "websocket-aggregator",
                        new WebSocketFrameAggregator(LinkFrame.MAX_BYTES));
            }
        }
    }
}
