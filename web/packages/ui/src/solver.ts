/**
 * Solves a proof of work in ALTCHA's wire, version 2. Needs nothing else, so that the same file is
 * the chunk that the page fetches and the script of its worker.
 *
 * In the embed there is no worker: browsers start none from another origin. The derivations happen
 * beside the page's thread there, too, because WebCrypto does so.
 */

export interface Challenge {
  parameters: { cost: number; keyLength: number; keyPrefix: string; nonce: string; salt: string };
  signature: string;
}

export interface Offer {
  kind: string;
  siteKey?: string;
  challenge?: Challenge;
}

/** What the page around gets with `tendril:captcha`: it shows Turnstile or hCaptcha, and tells their token. */
export interface Asked {
  kind: string;
  siteKey: string;
  answer(token: string): void;
  giveUp(): void;
}

interface Solution {
  counter: number;
  derivedKey: string;
  time: number;
}

/** Tries before it is given up; the relay asks for about a thousand. */
const MOST = 100_000;

/** What the relay wants to see, in base64. */
export async function answer({ kind, siteKey, challenge }: Offer, base: string): Promise<string> {
  if (!challenge) return around(kind, siteKey ?? '');
  const solution = await (base === location.origin ? beside(challenge) : solve(challenge));
  return btoa(JSON.stringify({ challenge, solution }));
}

/** From the page around, if it listens; it calls `preventDefault` to say so. */
function around(kind: string, siteKey: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(new Error(`nobody shows ${kind}`));
    const detail: Asked = { kind, siteKey, answer: resolve, giveUp };
    if (dispatchEvent(new CustomEvent('tendril:captcha', { detail, cancelable: true }))) giveUp();
  });
}

/** The first counter whose key begins as it should. */
export async function solve({ parameters }: Pick<Challenge, 'parameters'>): Promise<Solution> {
  const { cost, keyLength, keyPrefix, nonce, salt } = parameters;
  const begun = performance.now();
  const start = bytes(nonce);
  const password = new Uint8Array(start.length + 4);
  password.set(start);
  const view = new DataView(password.buffer);
  const algorithm = { name: 'PBKDF2', hash: 'SHA-256', salt: bytes(salt), iterations: cost };
  for (let counter = 0; counter < MOST; counter++) {
    view.setUint32(start.length, counter);
    const key = await crypto.subtle.importKey('raw', password, 'PBKDF2', false, ['deriveBits']);
    const derivedKey = hex(new Uint8Array(await crypto.subtle.deriveBits(algorithm, key, keyLength * 8)));
    if (derivedKey.startsWith(keyPrefix)) return { counter, derivedKey, time: Math.round(performance.now() - begun) };
  }
  throw new Error('no solution');
}

/** In a worker of this very file; without one, here. */
async function beside(challenge: Challenge): Promise<Solution> {
  let worker: Worker;
  try {
    const { trustedTypes } = globalThis as { trustedTypes?: { createPolicy(name: string, rules: object): { createScriptURL(url: string): string } } };
    const policy = trustedTypes?.createPolicy('tendril-solver', { createScriptURL: (url: string) => url });
    worker = new Worker(policy?.createScriptURL(import.meta.url) ?? import.meta.url, { type: 'module' });
  } catch {
    return solve(challenge);
  }
  try {
    return await new Promise<Solution>((resolve, reject) => {
      worker.addEventListener('message', ({ data }: MessageEvent<Solution | null>) => (data ? resolve(data) : reject(new Error('no solution'))));
      worker.addEventListener('error', () => resolve(solve(challenge)));
      worker.postMessage(challenge);
    });
  } finally {
    worker.terminate();
  }
}

if (typeof document === 'undefined' && typeof self !== 'undefined') {
  self.addEventListener('message', ({ data }: MessageEvent<Challenge>) => {
    solve(data).then(tell, () => tell(null));
  });
}

function tell(told: Solution | null): void {
  (self as unknown as { postMessage(told: Solution | null): void }).postMessage(told);
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

function hex(all: Uint8Array): string {
  return Array.from(all, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
