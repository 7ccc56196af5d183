/// How a worker proves who it is, and what others may know of its presence.
@NullMarked
package dev.tendril.contract.worker;

import org.jspecify.annotations.NullMarked;
