// Plots as SVG that reads on a light and on a dark page.

const FONT = 'font-family="system-ui, sans-serif" font-size="13"';
const INK = '#7a7f87';
const OURS = '#2f7ed8';
const THEIRS = '#b0b7c0';

/**
 * Horizontal bars with the spread of the rounds.
 *
 * @param bars `[{ label, value, min, max, ours }]`
 */
export function barPlot(title, unit, bars) {
  const left = 260;
  const width = 760;
  const rowHeight = 30;
  const scale = (width - left - 110) / Math.max(...bars.map(({ max }) => max));
  const rows = bars.map(({ label, value, min, max, ours }, index) => {
    const y = 48 + index * rowHeight;
    const end = left + value * scale;
    return `<text x="${left - 10}" y="${y + 14}" text-anchor="end" fill="${INK}">${escape(label)}</text>
  <rect x="${left}" y="${y}" width="${fixed(value * scale)}" height="18" fill="${ours ? OURS : THEIRS}"/>
  <line x1="${fixed(left + min * scale)}" x2="${fixed(left + max * scale)}" y1="${y + 9}" y2="${y + 9}" stroke="${INK}" stroke-width="2"/>
  <text x="${fixed(Math.max(end, left + max * scale) + 8)}" y="${y + 14}" fill="${INK}">${Math.round(value).toLocaleString('en')}</text>`;
  });
  return page(width, 60 + bars.length * rowHeight, `${title} (${unit})`, rows.join('\n  '));
}

/**
 * Lines over one horizontal axis.
 *
 * @param series `[{ label, unit, points: [[x, y], ...] }]`, each with a scale of its own from zero
 */
export function linePlot(title, axis, series) {
  const width = 760;
  const height = 130;
  const [left, right] = [60, width - 150];
  const plots = series.map(({ label, unit, points }, index) => {
    const top = 50 + index * (height + 30);
    const maxX = Math.max(...points.map(([x]) => x), 1e-9);
    const maxY = Math.max(...points.map(([, y]) => y), 1e-9) * 1.1;
    const at = ([x, y]) =>
      `${fixed(left + (x / maxX) * (right - left))},${fixed(top + height - (y / maxY) * height)}`;
    const last = points.at(-1)?.[1] ?? 0;
    return `<line x1="${left}" x2="${right}" y1="${top + height}" y2="${top + height}" stroke="${INK}"/>
  <line x1="${left}" x2="${left}" y1="${top}" y2="${top + height}" stroke="${INK}"/>
  <text x="${left - 8}" y="${top + 10}" text-anchor="end" fill="${INK}">${significant(maxY)}</text>
  <text x="${left - 8}" y="${top + height}" text-anchor="end" fill="${INK}">0</text>
  <text x="${right}" y="${top + height + 16}" text-anchor="end" fill="${INK}">${significant(maxX)} ${escape(axis)}</text>
  <polyline points="${points.map(at).join(' ')}" fill="none" stroke="${OURS}" stroke-width="1.5"/>
  <text x="${right + 10}" y="${top + height / 2}" fill="${INK}">${escape(label)}</text>
  <text x="${right + 10}" y="${top + height / 2 + 17}" fill="${INK}">${significant(last)} ${escape(unit)} at the end</text>`;
  });
  return page(width, 70 + series.length * (height + 30), title, plots.join('\n  '));
}

function page(width, height, title, content) {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ${FONT}>
  <text x="12" y="26" font-size="15" font-weight="600" fill="${INK}">${escape(title)}</text>
  ${content}
</svg>
`;
}

function escape(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

function fixed(value) {
  return value.toFixed(1);
}

function significant(value) {
  return Number(value.toPrecision(3)).toLocaleString('en');
}
