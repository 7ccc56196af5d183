/// Who the worker is: its long-lived token, given by the operator, and its own Ed25519 key, made
/// here and never sent. The relay pins the key at the first session, so a stolen token alone opens
/// nothing.
@NullMarked
package dev.tendril.worker.auth;

import org.jspecify.annotations.NullMarked;
