package dev.tendril.contract.channel;

import java.util.EnumSet;
import java.util.Set;

/// What a device may do. The worker keeps and enforces it; what it tells the device is for display.
public enum Scope {
    /// Read chats, answer as a human, pause.
    CHAT(1),
    /// Read traces.
    TRACE(2),
    /// Open terminals and type.
    TERMINAL(4),
    /// Enrol and revoke devices, approve, run workflows.
    ADMIN(8);

    private final int bit;

    Scope(int bit) {
        this.bit = bit;
    }

    static int encode(Set<Scope> scopes) {
        int bits = 0;
        for (Scope scope : scopes) {
            bits |= scope.bit;
        }
        return bits;
    }

    static Set<Scope> decode(int bits) throws Violation {
        Set<Scope> scopes = EnumSet.noneOf(Scope.class);
        for (Scope scope : values()) {
            if ((bits & scope.bit) != 0) {
                scopes.add(scope);
            }
        }
        if (encode(scopes) != bits) {
            throw new Violation(CloseReason.MALFORMED);
        }
        return Set.copyOf(scopes);
    }
}
