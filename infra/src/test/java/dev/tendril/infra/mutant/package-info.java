/// An agent for a JVM under test that takes guards out of SQL: it rewrites string constants of
/// chosen classes, and only while a file says so. The programs themselves know nothing of it.
@NullMarked
package dev.tendril.infra.mutant;

import org.jspecify.annotations.NullMarked;
