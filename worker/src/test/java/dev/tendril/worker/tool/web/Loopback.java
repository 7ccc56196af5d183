package dev.tendril.worker.tool.web;

import java.net.InetAddress;
import java.util.Set;

/// A fetcher for tests of other packages: every name stands for this machine.
public final class Loopback {
    private Loopback() {}

    /// @param port allowed besides 80 and 443
    public static SiteFetcher fetcher(int port) {
        return new SiteFetcher(
                new Fetcher(
                        _ -> new InetAddress[] {InetAddress.getLoopbackAddress()},
                        InetAddress::isLoopbackAddress,
                        Set.of(port)));
    }

    /// The rules as they are: no private address.
    public static SiteFetcher strict(int port) {
        return new SiteFetcher(
                new Fetcher(
                        _ -> new InetAddress[] {InetAddress.getLoopbackAddress()},
                        new PublicAddresses(),
                        Set.of(port)));
    }
}
