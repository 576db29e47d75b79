import { renderUnicodeCompact } from 'uqr';

/** Light modules on each side, which cameras need to find the code. */
const BORDER = 2;

/** White on black in any colour scheme of the terminal, because cameras need dark modules on a light background. */
const COLOURS = '\u001b[38;5;231;48;5;16m';
const RESET = '\u001b[0m';

/** A QR code as terminal lines, each two modules high. @param hasColour without, it needs a dark terminal */
export function qrCode(text: string, hasColour: boolean): string[] {
  const lines = renderUnicodeCompact(text, { border: BORDER }).split('\n');
  return hasColour ? lines.map((line) => `${COLOURS}${line}${RESET}`) : lines;
}
