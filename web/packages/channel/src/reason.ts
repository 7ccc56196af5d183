/** Why a channel ended, with the byte of the `Close` frame. `docs/channel.md` says what each means. */
const CODES = {
  done: 1,
  refused: 2,
  revoked: 3,
  shutting_down: 4,
  too_old: 5,
  malformed: 16,
  oversize: 17,
  unsupported_version: 18,
  other_session: 19,
  wrong_direction: 20,
  wrong_epoch: 21,
  replayed: 22,
  gap: 23,
  tampered: 24,
  expired: 25,
  rekey_overdue: 26,
  unknown_type: 32,
  unknown_kind: 33,
  unexpected_frame: 34,
  stream_state: 35,
  too_many_streams: 36,
  credit_exceeded: 37,
  silence: 48,
  transcript_mismatch: 49,
  cut: 50,
  handshake_failed: 64,
  low_order_key: 65,
  handshake_timeout: 66,
} as const;

export type CloseReason = keyof typeof CODES;

/** The reasons that a side may give for ending a channel in order. */
export type OrderlyReason = "done" | "refused" | "revoked" | "shutting_down";

const REASONS = Object.keys(CODES) as readonly CloseReason[];

/** A packet that ends the channel. Never leaves the package. */
export class Violation extends Error {
  readonly reason: CloseReason;

  constructor(reason: CloseReason) {
    super(reason);
    this.reason = reason;
  }
}

export function reasonCode(reason: CloseReason): number {
  return CODES[reason];
}

export function reasonOf(code: number): CloseReason {
  const reason = REASONS.find((r) => CODES[r] === code);
  if (reason === undefined) throw new Violation("malformed");
  return reason;
}

export function required(holds: boolean, otherwise: CloseReason): void {
  if (!holds) throw new Violation(otherwise);
}
