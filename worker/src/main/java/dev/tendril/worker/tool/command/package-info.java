/// `run_command`: one program with its arguments, never a shell.
///
/// The program's name must be on the role's list and is looked up in a fixed search path; the
/// environment is made from nothing; the working directory is an allowed one. Inside bubblewrap
/// ([Bubblewrap]) the program sees the system read-only, its own directories and no network. Either
/// way everything that it started is gone when the call ends: by its PID namespace, or by its
/// process group and, for those that left the group, by a mark in their environment.
@NullMarked
package dev.tendril.worker.tool.command;

import org.jspecify.annotations.NullMarked;
