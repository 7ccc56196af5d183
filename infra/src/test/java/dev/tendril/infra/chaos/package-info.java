/// A short storm, and the scenes that show that each guard is needed.
@NullMarked
package dev.tendril.infra.chaos;

import org.jspecify.annotations.NullMarked;
