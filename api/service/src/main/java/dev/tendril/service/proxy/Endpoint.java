package dev.tendril.service.proxy;

import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.service.problem.ProblemException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// An endpoint as a site allows it.
///
/// @param base scheme, host, port and path up to the version, such as `https://api.example.org/v1`
public record Endpoint(URI base) {

    private static final int LONGEST = 200;

    /// Takes a base URL; null when it is none.
    public static @Nullable Endpoint parse(String text) {
        URI uri;
        try {
            uri = URI.create(text.strip().replaceFirst("/+$", ""));
        } catch (IllegalArgumentException _) {
            return null;
        }
        boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
        boolean plain =
                uri.getRawUserInfo() == null
                        && uri.getRawQuery() == null
                        && uri.getRawFragment() == null
                        && uri.getHost() != null
                        && text.length() <= LONGEST;
        return http && plain ? new Endpoint(uri) : null;
    }

    /// One of the two calls.
    URI call(String path) {
        return URI.create(base + path);
    }

    /// Refuses a name that leads into a private network. An address, or `localhost`, is what the
    /// operator wrote down and meant.
    ///
    /// @throws ProblemException `model_refused`
    void checkAddresses() {
        String host = base.getHost().toLowerCase(Locale.ROOT);
        if (host.equals("localhost") || isLiteral(host)) {
            return;
        }
        try {
            for (InetAddress address : InetAddress.getAllByName(host)) {
                if (isPrivate(address)) {
                    throw refused();
                }
            }
        } catch (UnknownHostException _) {
            throw refused();
        }
    }

    private static boolean isLiteral(String host) {
        try {
            InetAddress.ofLiteral(host.replaceAll("[\\[\\]]", ""));
            return true;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    /// Whether an address is anything but a public one.
    static boolean isPrivate(InetAddress address) {
        byte[] bytes = address.getAddress();
        int first = bytes[0] & 0xff;
        int second = bytes[1] & 0xff;
        if (address instanceof Inet6Address) {
            boolean mapped = first == 0 && second == 0; // ::, ::1, v4-mapped and translated ones
            boolean nat64 = first == 0 && second == 0x64;
            boolean sixToFour = first == 0x20 && second == 0x02;
            return mapped
                    || nat64
                    || sixToFour
                    || (first & 0xfe) == 0xfc
                    || address.isLinkLocalAddress()
                    || address.isSiteLocalAddress()
                    || address.isMulticastAddress();
        }
        return first == 0
                || first == 10
                || first == 127
                || first >= 224
                || first == 100 && (second & 0xc0) == 64
                || first == 169 && second == 254
                || first == 172 && (second & 0xf0) == 16
                || first == 192 && second == 168
                || first == 192 && second == 0
                || first == 198 && (second & 0xfe) == 18;
    }

    private static ProblemException refused() {
        return new ProblemException(
                ErrorCode.MODEL_REFUSED, "The endpoint has no public address. Tell the site.");
    }
}
