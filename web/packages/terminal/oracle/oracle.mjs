// What xterm.js makes of a terminal's output, for the worker's ScreenOracleTest. Standard input: cases of columns,
// rows and scrollback (u16 each), length (u32), bytes. Standard output: per case the length (u32) of a text, and the text:
// cursor, buffer, modes, then each line with its cells.
import { createRequire } from 'node:module';

// Both are CommonJS for Node.js.
const require = createRequire(import.meta.url);
const { Terminal } = require('@xterm/headless');
const { Unicode11Addon } = require('@xterm/addon-unicode11');

const FLAGS = ['isBold', 'isDim', 'isItalic', 'isBlink', 'isInverse', 'isInvisible', 'isStrikethrough', 'isOverline', 'isUnderline'];

function dump(terminal) {
  const out = [];
  const active = terminal.buffer.active;
  out.push(`cursor ${active.cursorX} ${active.cursorY} ${active.type}`);
  const m = terminal.modes;
  out.push(
    `modes ${[m.applicationCursorKeysMode, m.applicationKeypadMode, m.bracketedPasteMode, m.insertMode, m.originMode, m.reverseWraparoundMode, m.sendFocusMode, m.wraparoundMode].map(Number).join('')} ${m.mouseTrackingMode}`,
  );
  buffer('normal', terminal.buffer.normal);
  if (active.type === 'alternate') buffer('alternate', terminal.buffer.alternate);
  return out.join('\n');

  function buffer(name, b) {
    out.push(`${name} ${b.length}`);
    const cell = b.getNullCell();
    for (let y = 0; y < b.length; y++) {
      const line = b.getLine(y);
      const cells = [];
      let last = '';
      for (let x = 0; x < line.length; x++) {
        line.getCell(x, cell);
        const flags = FLAGS.map((f) => (cell[f]() ? 1 : 0)).join('');
        const fg = cell.getFgColorMode() === 0 ? 0 : cell.getFgColorMode() + cell.getFgColor();
        const bg = cell.getBgColorMode() === 0 ? 0 : cell.getBgColorMode() + cell.getBgColor();
        const style = `${fg},${bg},${flags}`;
        cells.push(`${cell.getChars()}|${cell.getWidth()}${style === last ? '' : `|${style}`}`);
        last = style;
      }
      out.push(`${line.isWrapped ? '+' : '-'} ${cells.join('\t')}`);
    }
  }
}

let waiting = Buffer.alloc(0);
for await (const chunk of process.stdin) {
  waiting = Buffer.concat([waiting, chunk]);
  while (waiting.length >= 10) {
    const length = waiting.readUInt32BE(6);
    if (waiting.length < 10 + length) break;
    const terminal = new Terminal({
      cols: waiting.readUInt16BE(0),
      rows: waiting.readUInt16BE(2),
      scrollback: waiting.readUInt16BE(4),
      allowProposedApi: true,
      logLevel: 'off',
    });
    terminal.loadAddon(new Unicode11Addon());
    terminal.unicode.activeVersion = '11';
    const bytes = Uint8Array.from(waiting.subarray(10, 10 + length));
    waiting = waiting.subarray(10 + length);
    await new Promise((done) => terminal.write(bytes, done));
    const text = Buffer.from(dump(terminal));
    const head = Buffer.alloc(4);
    head.writeUInt32BE(text.length);
    process.stdout.write(Buffer.concat([head, text]));
    terminal.dispose();
  }
}
