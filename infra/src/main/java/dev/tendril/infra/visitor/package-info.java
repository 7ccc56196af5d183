/// A visitor in Java: what a page does, over plain HTTP, with a record of every frame for proofs.
///
/// Independent of the pages' code on purpose: two readers that agree are worth more than one.
@NullMarked
package dev.tendril.infra.visitor;

import org.jspecify.annotations.NullMarked;
