@NullMarked
package dev.tendril.service;

import org.jspecify.annotations.NullMarked;
