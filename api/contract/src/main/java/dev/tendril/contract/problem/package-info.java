/// Errors as `application/problem+json` (RFC 9457) with a closed set of codes.
@NullMarked
package dev.tendril.contract.problem;

import org.jspecify.annotations.NullMarked;
