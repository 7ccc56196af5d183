/** The visitor's chat as one component, and the style sheet that it needs. */
export { ChatApp, type ChatAppProps } from './app';
export { css } from './css';
