package dev.tendril.service.proxy;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tendril.service.problem.ProblemException;
import java.net.InetAddress;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Where a visitor's call may go.
final class EndpointTest {

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1,true",
        "10.1.2.3,true",
        "172.31.0.1,true",
        "172.32.0.1,false",
        "192.168.7.7,true",
        "169.254.169.254,true",
        "100.64.0.1,true",
        "100.128.0.1,false",
        "0.0.0.0,true",
        "224.0.0.1,true",
        "198.18.0.1,true",
        "8.8.8.8,false",
        "::1,true",
        "fe80::1,true",
        "fd00::1,true",
        "2002:7f00:1::,true",
        "64:ff9b::7f00:1,true",
        "2606:4700::1111,false"
    })
    void privateAddressesAreKnown(String address, boolean wanted) {
        assertEquals(wanted, Endpoint.isPrivate(InetAddress.ofLiteral(address)), address);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ftp://example.org/v1", "https://", "//example.org", "https://u:p@example.org/v1",
                "https://example.org/v1?key=x", "https://example.org/v1#a", "no url", ""
            })
    void onlyPlainBaseUrlsCount(String text) {
        assertNull(Endpoint.parse(text), text);
    }

    @Test
    void aNameThatLeadsInsideIsRefusedAndAnAddressThatWasWrittenDownIsNot() {
        // Resolves without any network, to this machine.
        Endpoint named = Objects.requireNonNull(Endpoint.parse("http://ip6-localhost:9/v1"));
        assertThrows(ProblemException.class, named::checkAddresses);
        Endpoint unknown =
                Objects.requireNonNull(Endpoint.parse("https://does-not-exist.invalid/v1"));
        assertThrows(ProblemException.class, unknown::checkAddresses);
        for (String text : new String[] {"http://127.0.0.1:9/v1", "http://localhost:9/v1/"}) {
            Endpoint written = Objects.requireNonNull(Endpoint.parse(text));
            assertDoesNotThrow(written::checkAddresses, text);
        }
    }
}
