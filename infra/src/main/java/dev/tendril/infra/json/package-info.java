/// JSON with the serializers that relay and worker use.
@NullMarked
package dev.tendril.infra.json;

import org.jspecify.annotations.NullMarked;
