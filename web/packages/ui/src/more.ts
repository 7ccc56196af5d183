/** What is fetched with the first finished answer, or when the menu opens: the embed is small until then. */
import words from './strings/en-more.json';
import { learn } from './text';

export { Drawer } from './drawer';
export { Foot } from './foot';
export { EditIcon, PinIcon } from './more-icons';
export { default as css } from './more.css?inline';

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
