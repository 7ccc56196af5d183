@NullMarked
package dev.tendril.infra.ledger;

import org.jspecify.annotations.NullMarked;
