package dev.tendril.worker.tool.web;

import java.net.InetAddress;

/// Which addresses may be connected to.
@FunctionalInterface
interface AddressRules {
    boolean allows(InetAddress address);
}
