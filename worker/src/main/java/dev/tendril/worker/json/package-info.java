/// JSON text to plain Java values and back, for documents whose shape is not known at build time:
/// tool arguments, tool results, schemas.
///
/// Values are `Map<String, Object>` (in document order), `List<Object>`, `String`, `Long`,
/// `BigInteger`, `BigDecimal`, `Boolean` and null. Records of the wire contract are not read here.
@NullMarked
package dev.tendril.worker.json;

import org.jspecify.annotations.NullMarked;
