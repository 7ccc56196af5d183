/// The failure tests: each class carries the number of its fault in docs/failures.md.
@NullMarked
package dev.tendril.infra.failure;

import org.jspecify.annotations.NullMarked;
