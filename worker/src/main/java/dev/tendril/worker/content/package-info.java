/// The site's pages: markdown files with front matter, cut at their headings, searched with BM25;
/// and the guide, a [dev.tendril.worker.model.ModelClient] that answers with their sentences when
/// there is no language model.
@NullMarked
package dev.tendril.worker.content;

import org.jspecify.annotations.NullMarked;
