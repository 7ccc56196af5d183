/// Talking to models, independent of where the question came from and where the answer goes.
///
/// [ModelClient] is the seam: an OpenAI-compatible endpoint ([OpenAiClient]), the built-in guide,
/// or a decorator such as [PatientModel]. A [ModelStream] is read by one thread and can be closed
/// by any other at any moment, also before the first byte; closing ends the connection upstream.
/// Whatever goes wrong is a [ModelFailure] with one [ModelFault].
@NullMarked
package dev.tendril.worker.model;

import org.jspecify.annotations.NullMarked;
