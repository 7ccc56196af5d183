/// Tools over files of allowed directories, and the one way in which tools open files.
///
/// [ConfinedFiles] walks from an allowed root with one directory handle per component and follows
/// no symbolic link at all, so neither `..` nor a link that is swapped in between a check and its
/// use leads out. A link inside a root is refused even when it leads back inside: a rule with
/// exceptions is a rule to get around. Hard links to files outside are what remains; Linux lets
/// nobody create one to a foreign file (`fs.protected_hardlinks`).
@NullMarked
package dev.tendril.worker.tool.files;

import org.jspecify.annotations.NullMarked;
