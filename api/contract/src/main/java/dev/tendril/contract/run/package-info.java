/// The worker's calls: claiming runs, appending frames under a lease, ending runs.
@NullMarked
package dev.tendril.contract.run;

import org.jspecify.annotations.NullMarked;
