/// One way to reach PostgreSQL: [Database] hands a store a connection, alone or in a transaction.
@NullMarked
package dev.tendril.service.database;

import org.jspecify.annotations.NullMarked;
