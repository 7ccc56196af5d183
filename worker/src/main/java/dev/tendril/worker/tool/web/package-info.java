/// Fetching from the web without becoming a way into the operator's network.
///
/// A host must be on the role's list by name; addresses written as numbers in any notation are
/// none. Its name is resolved once, every address must be public ([PublicAddresses]), and the
/// connection goes to exactly these addresses, so DNS cannot answer differently in between.
/// Redirects are not followed by the HTTP client: each hop is a new request through all the same
/// checks. Size, time, content type and compression are bounded.
@NullMarked
package dev.tendril.worker.tool.web;

import org.jspecify.annotations.NullMarked;
