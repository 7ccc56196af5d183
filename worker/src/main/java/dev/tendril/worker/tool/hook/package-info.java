/// Programs of the operator that are asked before a tool runs and told afterwards: the extension
/// point of `worker.yml` for rules that a list of names cannot express.
@NullMarked
package dev.tendril.worker.tool.hook;

import org.jspecify.annotations.NullMarked;
