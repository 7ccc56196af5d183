/// Where workers' links are: a hint between relays over one database.
@NullMarked
package dev.tendril.service.link;

import org.jspecify.annotations.NullMarked;
