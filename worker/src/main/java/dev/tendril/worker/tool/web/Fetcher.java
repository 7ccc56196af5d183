package dev.tendril.worker.tool.web;

import dev.tendril.worker.tool.ToolDenied;
import dev.tendril.worker.tool.ToolException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/// Gets pages. Blocks; safe for threads; an interrupt ends the connection. Every call opens
/// connections of its own and closes them, so that no connection outlives the check that it was
/// made under.
final class Fetcher {
    private static final int MAX_BYTES = 2 * 1024 * 1024;
    private static final int MAX_REDIRECTS = 4;
    private static final Timeout CONNECT = Timeout.ofSeconds(5);
    private static final Timeout SILENCE = Timeout.ofSeconds(5);
    private static final Set<String> TYPES =
            Set.of(
                    "text/html",
                    "application/xhtml+xml",
                    "text/plain",
                    "text/markdown",
                    "application/json");

    private final Resolver resolver;
    private final AddressRules addresses;
    private final Set<Integer> ports;

    /// Looks names up.
    @FunctionalInterface
    interface Resolver {
        InetAddress[] resolve(String host) throws UnknownHostException;
    }

    /// The system's resolver and public addresses alone.
    Fetcher() {
        this(InetAddress::getAllByName, new PublicAddresses(), Set.of());
    }

    /// @param resolver looks names up
    /// @param addresses which of them may be connected to
    /// @param ports allowed besides 80 and 443
    Fetcher(Resolver resolver, AddressRules addresses, Set<Integer> ports) {
        this.resolver = resolver;
        this.addresses = addresses;
        this.ports = ports;
    }

    /// A page as it came.
    ///
    /// @param uri after redirects
    /// @param type media type, lower case, without parameters; empty when it has not changed
    /// @param charset as declared, or null
    /// @param marks `ETag` and `Last-Modified`, as far as they were given
    record Page(
            URI uri,
            String type,
            @Nullable String charset,
            byte[] body,
            Map<String, String> marks) {}

    /// How a page is asked for.
    ///
    /// @param agent names who asks
    /// @param types media types that are taken
    /// @param headers more headers, such as `If-None-Match`
    record Manner(String agent, Set<String> types, Map<String, String> headers) {
        /// For a model that wants to read one page.
        static final Manner READING =
                new Manner("Tendril/1 (+reads a page for a chat)", TYPES, Map.of());
    }

    /// @throws ToolDenied when a rule refuses the address or one of the redirects
    PageAddress address(String url) throws ToolDenied {
        return PageAddress.of(url, ports);
    }

    /// Gets a page, following up to four redirects through the same checks.
    ///
    /// @param hosts whether a host may be asked
    Page get(PageAddress first, Predicate<String> hosts) throws ToolException {
        return get(first, hosts, Manner.READING);
    }

    /// The same in a manner of its own.
    Page get(PageAddress first, Predicate<String> hosts, Manner manner) throws ToolException {
        PageAddress at = first;
        for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
            if (!hosts.test(at.host())) {
                throw new ToolDenied(
                        "fetch.hosts",
                        "the host " + at.host() + " is not on the list of allowed hosts");
            }
            Object got = once(at, manner);
            if (got instanceof Page page) {
                return page;
            }
            at = at.resolve(String.valueOf(got), ports);
        }
        throw new ToolDenied("fetch.redirects", "the page redirects more than four times");
    }

    /// @return a [Page], or the text of a `Location`
    private Object once(PageAddress at, Manner manner) throws ToolException {
        HttpGet request = new HttpGet(at.uri());
        request.setHeader("User-Agent", manner.agent());
        manner.headers().forEach(request::setHeader);
        request.setHeader("Accept", "text/html, text/plain, text/markdown, application/json;q=0.5");
        request.setHeader("Accept-Encoding", "identity");
        try (CloseableHttpClient client = client()) {
            return client.execute(
                    request,
                    response -> {
                        try {
                            return answer(at, response, manner.types());
                        } catch (IOException e) {
                            // Closing politely would first read the rest, which may never end.
                            request.cancel();
                            throw e;
                        }
                    });
        } catch (Elsewhere e) {
            return e.location;
        } catch (UnknownHostException e) {
            throw e instanceof Refused
                    ? new ToolDenied(
                            "fetch.address", "the host stands for an address that is not public")
                    : new ToolException("The host " + at.host() + " is unknown.");
        } catch (Unfit e) {
            throw e.cause;
        } catch (IOException e) {
            throw new ToolException(
                    "The page could not be fetched ("
                            + e.getClass().getSimpleName().replace("Exception", "")
                            + ").");
        }
    }

    private CloseableHttpClient client() {
        PoolingHttpClientConnectionManager connections =
                PoolingHttpClientConnectionManagerBuilder.create()
                        .setDnsResolver(new CheckedNames())
                        .setDefaultSocketConfig(SocketConfig.custom().setSoTimeout(SILENCE).build())
                        .setDefaultConnectionConfig(
                                ConnectionConfig.custom()
                                        .setConnectTimeout(CONNECT)
                                        .setSocketTimeout(SILENCE)
                                        .build())
                        .setConnectionFactory(
                                org.apache.hc.client5.http.impl.io
                                        .ManagedHttpClientConnectionFactory.builder()
                                        .http1Config(
                                                Http1Config.custom()
                                                        .setMaxHeaderCount(100)
                                                        .setMaxLineLength(16 * 1024)
                                                        .build())
                                        .build())
                        .build();
        return HttpClients.custom()
                .setConnectionManager(connections)
                .setDefaultRequestConfig(
                        RequestConfig.custom()
                                .setResponseTimeout(SILENCE)
                                .setConnectionRequestTimeout(CONNECT)
                                .setRedirectsEnabled(false)
                                .build())
                .disableRedirectHandling()
                .disableAutomaticRetries()
                .disableContentCompression()
                .disableCookieManagement()
                .disableAuthCaching()
                .build();
    }

    /// An address of the name is not allowed.
    private static final class Refused extends UnknownHostException {
        private static final long serialVersionUID = 1L;

        Refused() {
            super("an address of this name is not allowed");
        }
    }

    /// The client connects to what this answers and to nothing else, so what was checked is what is
    /// used. One bad address among good ones condemns the name.
    private final class CheckedNames implements DnsResolver {
        @Override
        public InetAddress[] resolve(String host) throws UnknownHostException {
            InetAddress[] found = resolver.resolve(host);
            for (InetAddress address : found) {
                if (!addresses.allows(address)) {
                    throw new Refused();
                }
            }
            return found;
        }

        @Override
        public String resolveCanonicalHostname(String host) {
            return host;
        }
    }

    /// Carries a redirect out of the client's callback.
    private static final class Elsewhere extends IOException {
        private static final long serialVersionUID = 1L;
        private final String location;

        Elsewhere(String location) {
            this.location = location;
        }
    }

    /// Carries a reason out of the client's callback.
    private static final class Unfit extends IOException {
        private static final long serialVersionUID = 1L;
        private final transient ToolException cause;

        Unfit(ToolException cause) {
            this.cause = cause;
        }
    }

    private static Object answer(PageAddress at, ClassicHttpResponse response, Set<String> types)
            throws IOException {
        int status = response.getCode();
        if (status == 304) {
            return new Page(at.uri(), "", null, new byte[0], Map.of());
        }
        if (status >= 300 && status < 400 && response.getFirstHeader("Location") != null) {
            throw new Elsewhere(response.getFirstHeader("Location").getValue());
        }
        if (status != 200) {
            throw new Unfit(
                    status == 404 || status == 410
                            ? new PageGone()
                            : new ToolException("The page answered with status " + status + "."));
        }
        Header encoding = response.getFirstHeader("Content-Encoding");
        if (encoding != null && !encoding.getValue().equalsIgnoreCase("identity")) {
            throw new Unfit(new ToolDenied("fetch.encoding", "the page came compressed, unasked"));
        }
        HttpEntity entity = response.getEntity();
        String declared = entity == null ? null : entity.getContentType();
        String type =
                declared == null
                        ? ""
                        : declared.replaceFirst(";.*", "").strip().toLowerCase(Locale.ROOT);
        if (entity == null || !types.contains(type)) {
            throw new Unfit(new ToolDenied("fetch.type", "only pages and texts are fetched"));
        }
        if (entity.getContentLength() > MAX_BYTES) {
            throw tooLong();
        }
        return new Page(
                at.uri(), type, charset(declared), body(entity.getContent()), marks(response));
    }

    private static Map<String, String> marks(ClassicHttpResponse response) {
        Map<String, String> marks = new HashMap<>();
        for (String name : List.of("ETag", "Last-Modified")) {
            Header header = response.getFirstHeader(name);
            if (header != null && header.getValue().length() <= 200) {
                marks.put(name, header.getValue());
            }
        }
        return marks;
    }

    private static byte[] body(InputStream in) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] buffer = new byte[16 * 1024];
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            all.write(buffer, 0, n);
            if (all.size() > MAX_BYTES) {
                throw tooLong();
            }
        }
        return all.toByteArray();
    }

    private static Unfit tooLong() {
        return new Unfit(new ToolDenied("fetch.size", "the page is over 2 MiB"));
    }

    private static @Nullable String charset(@Nullable String declared) {
        if (declared == null) {
            return null;
        }
        var found =
                java.util.regex.Pattern.compile("charset=\"?([A-Za-z0-9_.:-]{1,40})")
                        .matcher(declared);
        return found.find() ? found.group(1) : null;
    }
}
