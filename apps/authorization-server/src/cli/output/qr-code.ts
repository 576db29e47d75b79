import { renderUnicodeCompact } from 'uqr';

/** Light modules on each side, without which cameras do not find it. */
const BORDER = 2;

/** White on black, whatever colours the terminal has: cameras need dark modules on light ground. */
const COLOURS = '\u001b[38;5;231;48;5;16m';
const RESET = '\u001b[0m';

/** A QR code as lines for a terminal, two modules high each. @param hasColour without, it is right on a dark terminal only */
export function qrCode(text: string, hasColour: boolean): string[] {
  const lines = renderUnicodeCompact(text, { border: BORDER }).split('\n');
  return hasColour ? lines.map((line) => `${COLOURS}${line}${RESET}`) : lines;
}
