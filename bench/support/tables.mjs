// Results as Markdown.

export function requestsTable(summary) {
  return table(
    ['what', 'median/s', 'min', 'max', 'p50 ms', 'p99 ms', 'CPU µs/request', 'load busy'],
    [...summary].map(([name, figures]) => [
      name,
      ...[figures.perSecond, figures.min, figures.max].map(round),
      fixed(figures.p50, 2),
      fixed(figures.p99, 2),
      fixed(figures.processor, 0),
      figures.loadBusy === null ? '' : `${Math.round(figures.loadBusy * 100)} %`,
    ]),
  );
}

export function ratiosTable(ratios) {
  return table(
    ['what', 'to', 'ratio', 'at least'],
    ratios.map(({ name, to, ratio, target }) => [name, to, ratio.toFixed(2), target ?? '']),
  );
}

export function memoryTable(peakMemory) {
  return table(
    ['server', 'peak memory, MiB'],
    Object.entries(peakMemory).map(([name, value]) => [name, fixed(value, 0)]),
  );
}

export function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function round(value) {
  return String(Math.round(value));
}

function fixed(value, digits) {
  return value === null ? '' : value.toFixed(digits);
}
