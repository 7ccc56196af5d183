/// The files that an operator writes for the worker, `policy.yml` and `worker.yml`: how they are
/// read, whatever they are about. Each feature reads its own section of `worker.yml`.
@NullMarked
package dev.tendril.worker.config;

import org.jspecify.annotations.NullMarked;
