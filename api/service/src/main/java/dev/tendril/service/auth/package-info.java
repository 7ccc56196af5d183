/// Who is calling: tokens are signed and verified here, and controllers get a [Visitor] or a
/// [WorkerIdentity] as an argument, never a raw token.
@NullMarked
package dev.tendril.service.auth;

import org.jspecify.annotations.NullMarked;
