/** The embed's lazy chunk: what the loader imports when the visitor comes near its button. */
export { mount, type MountOptions } from './element';
