import { AwayError, ProblemError, type Credentials, type Part } from '@tendril/stream';
import { waitText, type Said } from './text';

/** What a message has beside its words. */
export type FilePart = Extract<Part, { type: 'file' }>;

/** Images of one message. */
export const MOST = 3;
const BYTES = 5 * 1024 * 1024;
/** What the relay keeps at most. Pixels. */
const SIDE = 2_048;
/** More is not even opened. Bytes. */
const LARGEST_FILE = 40 * 1024 * 1024;
const TYPES = ['image/png', 'image/jpeg', 'image/webp', 'image/gif'];
export const ACCEPT = TYPES.join(',');

/** Why an image is not sent, in words for the visitor. */
export class Refusal extends Error {
  readonly said: Said;

  constructor(said: Said) {
    super(said.key);
    this.said = said;
  }
}

/** The picture of a file, and what is sent of it: the file itself, or a smaller copy. */
export async function prepare(file: File, name: string): Promise<{ picture: ImageBitmap; body: Blob }> {
  if (!TYPES.includes(file.type)) throw new Refusal({ key: 'attach.no-image', vars: { name } });
  if (file.size > LARGEST_FILE) throw new Refusal({ key: 'attach.too-large', vars: { name } });
  let picture: ImageBitmap;
  try {
    picture = await createImageBitmap(file);
  } catch {
    throw new Refusal({ key: 'attach.unreadable', vars: { name } });
  }
  const body = Math.max(picture.width, picture.height) > SIDE || file.size > BYTES ? await smaller(picture, file.type) : file;
  if (body.size > BYTES) throw new Refusal({ key: 'attach.too-large', vars: { name } });
  return { picture, body };
}

/** Within the relay's size. What was sharp stays a PNG if that fits. */
async function smaller(picture: ImageBitmap, type: string): Promise<Blob> {
  const factor = Math.min(1, SIDE / Math.max(picture.width, picture.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(picture.width * factor));
  canvas.height = Math.max(1, Math.round(picture.height * factor));
  const pen = canvas.getContext('2d');
  if (!pen) throw new Error('no canvas');
  pen.imageSmoothingQuality = 'high';
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  const written = (as: string) => new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, as, 0.9));
  const png = type === 'image/jpeg' ? null : await written('image/png');
  const blob = png !== null && png.size <= BYTES ? png : await written('image/jpeg');
  if (blob === null) throw new Error('no image');
  return blob;
}

interface Sending {
  base: string;
  session: Credentials;
  body: Blob;
  signal: AbortSignal;
  /** From 0 to 1. */
  progress(part: number): void;
}

/** Sends an image; throws a [Refusal] without a name in it. Only XMLHttpRequest tells of its progress. */
export async function upload(sending: Sending, name: string): Promise<FilePart> {
  try {
    const token = await sending.session.token();
    try {
      return { ...(await send(sending, token)), filename: name };
    } catch (error) {
      if (!(error instanceof ProblemError && error.status === 401)) throw error;
      return { ...(await send(sending, await sending.session.renew(token))), filename: name };
    }
  } catch (error) {
    if (!(error instanceof ProblemError)) throw new Refusal({ key: 'attach.failed', vars: { name } });
    const { code, retryAfter } = error;
    if (code === 'rate_limited') throw new Refusal({ key: 'attach.limited', vars: { wait: waitText(retryAfter ?? 60) } });
    if (code === 'too_large') throw new Refusal({ key: 'attach.too-large', vars: { name } });
    throw new Refusal({ key: code === 'image_unreadable' ? 'attach.unreadable' : 'attach.failed', vars: { name } });
  }
}

function send({ base, body, signal, progress }: Sending, token: string): Promise<FilePart> {
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    call.open('POST', `${base}/api/v1/attachments`);
    call.setRequestHeader('Authorization', `Bearer ${token}`);
    call.setRequestHeader('Content-Type', body.type);
    call.timeout = 90_000;
    call.upload.addEventListener('progress', (event) => progress(event.lengthComputable ? event.loaded / event.total : 0));
    call.addEventListener('load', () => {
      let told: { url?: string; mediaType?: string; code?: string } = {};
      try {
        told = JSON.parse(call.responseText) as typeof told;
      } catch {
        // A proxy in between answers with a page of its own.
      }
      if (call.status === 201 && told.url !== undefined && told.mediaType !== undefined) {
        resolve({ type: 'file', url: told.url, mediaType: told.mediaType });
      } else {
        const seconds = Number(call.getResponseHeader('Retry-After') ?? Number.NaN);
        reject(new ProblemError({ ...told, status: call.status, code: told.code ?? 'unknown' }, Number.isFinite(seconds) ? seconds : undefined));
      }
    });
    for (const end of ['error', 'timeout', 'abort']) call.addEventListener(end, () => reject(new AwayError(call.status)));
    signal.addEventListener('abort', () => call.abort());
    call.send(body);
  });
}
