/// Tests of visitors' own models.
@org.jspecify.annotations.NullMarked
package dev.tendril.service.proxy;
