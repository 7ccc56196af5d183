package dev.tendril.worker.tool.web;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.List;

/// Addresses of the public internet: everything that IANA's registries mark as special is refused,
/// and so is every IPv6 form that carries an IPv4 address inside, which would be judged as
/// something that it is not.
final class PublicAddresses implements AddressRules {
    private record Range(byte[] prefix, int bits) {
        boolean has(byte[] address) {
            if (address.length != prefix.length) {
                return false;
            }
            for (int bit = 0; bit < bits; bit++) {
                int mask = 0x80 >> (bit % 8);
                if ((address[bit / 8] & mask) != (prefix[bit / 8] & mask)) {
                    return false;
                }
            }
            return true;
        }
    }

    private static final List<Range> REFUSED =
            List.of(
                    v4(0, 0, 0, 0, 8),
                    v4(10, 0, 0, 0, 8),
                    v4(100, 64, 0, 0, 10),
                    v4(127, 0, 0, 0, 8),
                    v4(169, 254, 0, 0, 16),
                    v4(172, 16, 0, 0, 12),
                    v4(192, 0, 0, 0, 24),
                    v4(192, 0, 2, 0, 24),
                    v4(192, 31, 196, 0, 24),
                    v4(192, 52, 193, 0, 24),
                    v4(192, 88, 99, 0, 24),
                    v4(192, 168, 0, 0, 16),
                    v4(192, 175, 48, 0, 24),
                    v4(198, 18, 0, 0, 15),
                    v4(198, 51, 100, 0, 24),
                    v4(203, 0, 113, 0, 24),
                    v4(224, 0, 0, 0, 4),
                    v4(240, 0, 0, 0, 4),
                    // Teredo, ORCHID, documentation, 6to4: within 2000::/3 but not public.
                    v6(0x2001, 0x0000, 23),
                    v6(0x2001, 0x0db8, 32),
                    v6(0x2002, 0x0000, 16),
                    v6(0x3fff, 0x0000, 20));

    /// The only part of IPv6 that is given out as global unicast.
    private static final Range GLOBAL_6 = v6(0x2000, 0, 3);

    private static Range v4(int a, int b, int c, int d, int bits) {
        return new Range(new byte[] {(byte) a, (byte) b, (byte) c, (byte) d}, bits);
    }

    private static Range v6(int first, int second, int bits) {
        byte[] prefix = new byte[16];
        prefix[0] = (byte) (first >> 8);
        prefix[1] = (byte) first;
        prefix[2] = (byte) (second >> 8);
        prefix[3] = (byte) second;
        return new Range(prefix, bits);
    }

    @Override
    public boolean allows(InetAddress address) {
        byte[] bytes = address.getAddress();
        boolean known =
                switch (address) {
                    case Inet4Address _ -> true;
                    case Inet6Address six -> six.getScopeId() == 0 && GLOBAL_6.has(bytes);
                    default -> false;
                };
        return known && REFUSED.stream().noneMatch(range -> range.has(bytes));
    }
}
