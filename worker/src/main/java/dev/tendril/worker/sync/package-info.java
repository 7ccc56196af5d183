/// Brings pages from elsewhere into the content folder: a site by its sitemap, folders, git
/// checkouts. Each source owns one folder below `content/` and nothing else; what it no longer
/// offers goes, what it fails to offer stays as it was. A bad page costs itself.
@NullMarked
package dev.tendril.worker.sync;

import org.jspecify.annotations.NullMarked;
