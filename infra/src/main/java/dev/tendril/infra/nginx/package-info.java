/// The nginx before several relays, as `infra/nginx/tendril.conf` has it, in a process of its own.
@NullMarked
package dev.tendril.infra.nginx;

import org.jspecify.annotations.NullMarked;
