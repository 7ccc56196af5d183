/** Talking with the relay: the wire's words, the calls, and a stream that survives what breaks it. */
export * from './wire';
export { SseParser, type SseEvent } from './sse';
export { FrameFolder, fold, type LivePart } from './fold';
export { AwayError, ProblemError, Relay, type Credentials } from './relay';
export { follow, type Follower, type FollowOptions } from './follow';
