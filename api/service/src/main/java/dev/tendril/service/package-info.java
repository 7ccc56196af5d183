/// The stateless half of the relay: request and response over PostgreSQL.
@NullMarked
package dev.tendril.service;

import org.jspecify.annotations.NullMarked;
