/// An OpenAI-compatible model server for tests: real HTTP, deterministic answers, chosen faults.
///
/// The server is written on plain sockets, because a test needs what no HTTP library offers: to see
/// at once that the caller hung up, also while nothing is being written, and to break the protocol
/// at a chosen place.
///
/// An answer is derived from its request ([StubAnswer]), so that a test can say what must arrive
/// without anything being canned. How it is given ([StubPlan]) is chosen, later wins: by the
/// process's options, by `PUT /control/plan`, by the model's name (`stub:deltas=5`), by a directive
/// in the last user message (`[stub fault=refuse]`).
@NullMarked
package dev.tendril.infra.stub;

import org.jspecify.annotations.NullMarked;
