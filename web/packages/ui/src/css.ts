import base from './base.css?inline';
import talk from './talk.css?inline';
import markdown from './markdown.css?inline';
import composer from './composer.css?inline';
import adapt from './adapt.css?inline';

/** The style sheet of the chat; what adapts to its surroundings comes last. */
export const css = base + talk + markdown + composer + adapt;
