/// Images that visitors attach.
///
/// **In.** The body is counted while it arrives. A process of its own, with little memory, no
/// environment and a deadline, decodes it and writes it anew ([Darkroom]): whatever else the file
/// held, such as a place, a script or a second file, is not in what is stored; what breaks a
/// decoder breaks that process and nothing else.
///
/// **Out.** To the visitor whose session brought it, and to the worker that holds a run of the chat
/// that it was sent in. Never sent, it goes after a day; sent, it goes with its chat.
@NullMarked
package dev.tendril.service.attachment;

import org.jspecify.annotations.NullMarked;
