/// What a run did, step by step: for operators, never for visitors' pages.
@NullMarked
package dev.tendril.contract.trace;

import org.jspecify.annotations.NullMarked;
