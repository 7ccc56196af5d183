/// The worker: dials out, claims runs, asks a model, streams the answer back.
@NullMarked
package dev.tendril.worker;

import org.jspecify.annotations.NullMarked;
