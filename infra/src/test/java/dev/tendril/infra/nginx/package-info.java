@NullMarked
package dev.tendril.infra.nginx;

import org.jspecify.annotations.NullMarked;
