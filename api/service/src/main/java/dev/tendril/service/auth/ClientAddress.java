package dev.tendril.service.auth;

import io.micronaut.context.annotation.Property;
import io.micronaut.http.HttpRequest;
import jakarta.inject.Singleton;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Who is really calling. `X-Forwarded-For` counts only from a trusted peer and is read from the
/// right: the first address that is no trusted proxy is the caller. `Forwarded` is never read.
///
/// Trusted by default: loopback, RFC 1918 and unique local addresses; `tendril.trusted-proxies`
/// names others, as addresses or CIDR blocks, separated by commas.
@Singleton
public final class ClientAddress {

    private static final String DEFAULT_PROXIES =
            "127.0.0.0/8,::1/128,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7";

    private final List<Block> trusted;

    ClientAddress(
            @Property(name = "tendril.trusted-proxies", defaultValue = DEFAULT_PROXIES)
                    String proxies) {
        this.trusted =
                Arrays.stream(proxies.split(","))
                        .map(String::strip)
                        .filter(text -> !text.isEmpty())
                        .map(Block::parse)
                        .toList();
    }

    /// The caller's network for counting: an IPv4 address, an IPv6 /64; `local` when the peer is
    /// trusted and names nobody.
    public String networkOf(HttpRequest<?> request) {
        @Nullable InetAddress caller = callerOf(request);
        if (caller == null) {
            return "local";
        }
        if (caller instanceof Inet6Address) {
            byte[] prefix = Arrays.copyOf(caller.getAddress(), 8);
            return java.util.HexFormat.of().formatHex(prefix) + "/64";
        }
        return caller.getHostAddress();
    }

    /// Whether the direct peer may speak for others.
    public boolean peerTrusted(HttpRequest<?> request) {
        return isTrusted(request.getRemoteAddress().getAddress());
    }

    private @Nullable InetAddress callerOf(HttpRequest<?> request) {
        InetAddress peer = request.getRemoteAddress().getAddress();
        if (!isTrusted(peer)) {
            return peer;
        }
        List<String> hops = new ArrayList<>();
        for (String header : request.getHeaders().getAll("X-Forwarded-For")) {
            hops.addAll(Arrays.asList(header.split(",", 32)));
        }
        for (String hop : hops.reversed()) {
            @Nullable InetAddress address = literal(hop.strip());
            if (address == null) {
                return null; // forged or broken: what stands left of it says nothing
            }
            if (!isTrusted(address)) {
                return address;
            }
        }
        return null;
    }

    private boolean isTrusted(InetAddress address) {
        return trusted.stream().anyMatch(block -> block.contains(address));
    }

    /// Never asks DNS.
    private static @Nullable InetAddress literal(String text) {
        try {
            return InetAddress.ofLiteral(text);
        } catch (IllegalArgumentException _) {
            return null;
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Block(byte[] network, int bits) {

        static Block parse(String text) {
            int slash = text.indexOf('/');
            byte[] network =
                    InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash)).getAddress();
            return new Block(
                    network,
                    slash < 0 ? network.length * 8 : Integer.parseInt(text.substring(slash + 1)));
        }

        boolean contains(InetAddress address) {
            byte[] other = address.getAddress();
            if (other.length != network.length) {
                return false;
            }
            for (int bit = 0; bit < bits; bit++) {
                int mask = 0x80 >> (bit % 8);
                if (((network[bit / 8] ^ other[bit / 8]) & mask) != 0) {
                    return false;
                }
            }
            return true;
        }
    }
}
