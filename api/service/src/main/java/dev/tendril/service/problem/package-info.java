/// Every error becomes one `application/problem+json` answer here. Code throws [ProblemException];
/// faults of the framework are mapped to the same closed set of codes, and nothing of the request
/// is echoed.
@NullMarked
package dev.tendril.service.problem;

import org.jspecify.annotations.NullMarked;
