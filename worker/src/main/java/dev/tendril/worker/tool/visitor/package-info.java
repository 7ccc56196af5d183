/// The tools that visitors' turns have: looking things up in the site's pages and in the own chat,
/// leaving a request for the operator, and remembering what the visitor agreed to.
///
/// All of them must be safe when every word of the prompt is hostile. What they write are small
/// files of their own below the worker's data directory, whose names no prompt can choose, with
/// limits on number, size and rate.
@NullMarked
package dev.tendril.worker.tool.visitor;

import org.jspecify.annotations.NullMarked;
