/// What a model may do beyond talking, and how it is kept in bounds. Independent of where the turn
/// came from, which model asks, and what the single tools do.
///
/// [Tool] is the seam. A [ToolBox] holds the tools that one role may see, sorted by name so that
/// equal sets make equal prompt bytes. A [ToolTurn] executes one turn's calls: it parses and checks
/// the arguments, asks the policy, runs the tools in parallel on virtual threads under time limits,
/// and answers every call with exactly one [ToolOutcome], whatever the tool did. What a tool
/// returns is data: cleaned of control characters, capped with head and tail kept, and marked as
/// not being instructions when it comes from outside. [TurnGuard] ends turns that go in circles.
@NullMarked
package dev.tendril.worker.tool;

import org.jspecify.annotations.NullMarked;
