/// End-to-end tests, fault drills and benchmarks over the built jars.
@NullMarked
package dev.tendril.infra;

import org.jspecify.annotations.NullMarked;
