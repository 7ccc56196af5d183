/// The test base over a real PostgreSQL: one server for the test JVM, one migrated template
/// database, and a copy of it for each test class.
@NullMarked
package dev.tendril.service.database;

import org.jspecify.annotations.NullMarked;
