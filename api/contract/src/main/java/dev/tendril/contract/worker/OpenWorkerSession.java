package dev.tendril.contract.worker;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.micronaut.serde.annotation.Serdeable;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A worker proves that it holds its key. The first session of a worker token pins the key.
///
/// @param publicKey Ed25519, X.509 SubjectPublicKeyInfo, base64url without padding
/// @param nonce from the nonce call, unchanged
/// @param signature Ed25519 over the UTF-8 bytes of `"tendril worker session v1\n" + nonce`,
///   base64url
/// @param model the model's name as visitors see it
/// @param modelKind `llm` or `guide`
/// @param version the worker's version
/// @param instance made anew by each process of the worker; another one takes the place of the
///   former, whose runs are put back. Null when the worker does not say
@Serdeable
@JsonInclude(JsonInclude.Include.NON_NULL)
public record OpenWorkerSession(
        String publicKey,
        String nonce,
        String signature,
        String model,
        String modelKind,
        String version,
        @Nullable UUID instance) {}
