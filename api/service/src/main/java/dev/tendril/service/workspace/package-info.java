/// A workspace is one owner's isolated space; its slug is the site that visitors open.
@NullMarked
package dev.tendril.service.workspace;

import org.jspecify.annotations.NullMarked;
