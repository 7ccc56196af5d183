/// Access codes, visitor sessions and what a site says about itself before anybody signs in.
@NullMarked
package dev.tendril.contract.session;

import org.jspecify.annotations.NullMarked;
