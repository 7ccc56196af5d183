/**
 * The encrypted operator channel for pages that the relay does not serve: the same protocol as
 * `dev.tendril.contract.channel`, described in `docs/channel.md` and held to `wire/channel-*.json`.
 */
export type { Bytes } from "./bytes";
export { Channel, type Purpose, type Received } from "./channel";
export type {
  ChannelFrame,
  CloseStream,
  Credit,
  Data,
  OpenStream,
  PairDone,
  PairFrame,
  PairGrant,
  PairRequest,
  Scope,
  Side,
  StreamEnd,
  StreamFrame,
  StreamKind,
} from "./frame";
export { MAX_DATA_BYTES, window } from "./frame";
export { Initiator, Offer, type Outcome, Responder, type Settings } from "./handshake";
export { type KeyPair, generateKey, importKey } from "./noise";
export {
  type PairingLink,
  type WorkerAddress,
  formatLink,
  keyFingerprint,
  parseLink,
} from "./pairing";
export type { CloseReason, OrderlyReason } from "./reason";
