package dev.tendril.worker.tool.web;

import dev.tendril.worker.tool.ToolDenied;
import java.net.IDN;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// An address that could be fetched: `http` or `https`, a DNS name, a usual port, nothing else.
///
/// @param uri normalised, without fragment and user
/// @param host lower case, in ASCII, without a trailing dot
record PageAddress(URI uri, String host) {
    private static final int MAX_CHARS = 2_000;

    /// The last label of a name is never a number, so no notation of an address passes: dotted,
    /// decimal, octal, hexadecimal, short, or in brackets.
    private static final Pattern NAME =
            Pattern.compile(
                    "([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])");

    /// @param ports other ports that are allowed besides 80 and 443
    static PageAddress of(String text, java.util.Set<Integer> ports) throws ToolDenied {
        if (text.length() > MAX_CHARS) {
            throw new ToolDenied("fetch.url", "the address is over 2,000 characters");
        }
        URI uri;
        try {
            uri = new URI(text.strip()).parseServerAuthority();
        } catch (URISyntaxException e) {
            throw new ToolDenied("fetch.url", "that is no web address");
        }
        return of(uri, ports);
    }

    /// Where a redirect leads.
    PageAddress resolve(String location, java.util.Set<Integer> ports) throws ToolDenied {
        try {
            return of(uri.resolve(new URI(location.strip())).toString(), ports);
        } catch (URISyntaxException | IllegalArgumentException e) {
            throw new ToolDenied("fetch.redirect", "the page redirects to no web address");
        }
    }

    private static PageAddress of(URI uri, java.util.Set<Integer> ports) throws ToolDenied {
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw new ToolDenied("fetch.scheme", "only http and https are fetched");
        }
        if (uri.getRawUserInfo() != null) {
            throw new ToolDenied("fetch.url", "the address carries a user");
        }
        int port = uri.getPort();
        if (port != -1 && port != 80 && port != 443 && !ports.contains(port)) {
            throw new ToolDenied("fetch.port", "only the ports 80 and 443 are fetched");
        }
        String host = host(uri.getHost());
        String path =
                uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        String at = port == -1 ? host : host + ":" + port;
        return new PageAddress(URI.create(scheme + "://" + at + path + query), host);
    }

    private static String host(@Nullable String given) throws ToolDenied {
        if (given == null) {
            throw new ToolDenied("fetch.url", "the address names no host");
        }
        String name;
        try {
            name = IDN.toASCII(given, IDN.USE_STD3_ASCII_RULES).toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException e) {
            throw new ToolDenied("fetch.host", "the host is no name");
        }
        name = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        if (!NAME.matcher(name).matches() || name.length() > 253) {
            throw new ToolDenied(
                    "fetch.host", "a host is given by its full name, never by a number");
        }
        return name;
    }
}
