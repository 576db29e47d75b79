const NOTE = 'Written by `npm run docs:reference` from the code; do not edit it by hand.';

/** A page from its parts, with blank lines between. */
export function page(title, ...parts) {
  return `${[`# ${title}`, NOTE, ...parts.flat()].join('\n\n')}\n`;
}

/** A table; `|` inside a cell would end it. */
export function table(titles, rows) {
  const line = (cells) => `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(titles), line(titles.map(() => '---')), ...rows.map(line)].join('\n');
}

export const code = (text) => `\`${text}\``;
