/// Tests of visitors' images.
@org.jspecify.annotations.NullMarked
package dev.tendril.relay.attachment;
