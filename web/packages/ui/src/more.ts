/** What is fetched when the chat opens, behind the gate: the embed is small until then. */
import images from './attach.css?inline';
import sheet from './more.css?inline';
import rich from './rich.css?inline';
import taken from './share.css?inline';
import words from './strings/en-more.json';
import { learn } from './text';

export { Attach } from './attach-tray';
export { Pictures } from './attach-view';
export { Consent, GateConsent } from './consent';
export { Drawer } from './drawer';
export { loadEarlier } from './earlier';
export { Foot } from './foot';
export { ChatMarks } from './marks';
export { EditIcon } from './more-icons';
export { OtherPart, Sources } from './more-parts';
export { Pinned } from './pinned';
export const css = rich + sheet + taken + images;

learn(words);

/** Two soft tones. */
export function chime(): void {
  const audio = new AudioContext();
  [660, 880].forEach((pitch, at) => {
    const [tone, loudness] = [audio.createOscillator(), audio.createGain()];
    const start = audio.currentTime + at * 0.12;
    tone.frequency.value = pitch;
    loudness.gain.setValueAtTime(0.06, start);
    loudness.gain.exponentialRampToValueAtTime(0.001, start + 0.25);
    tone.connect(loudness).connect(audio.destination);
    tone.start(start);
    tone.stop(start + 0.25);
  });
  setTimeout(() => void audio.close(), 1_000);
}
