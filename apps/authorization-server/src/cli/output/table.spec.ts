import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { details, table, type Column } from './table.js';

interface Row {
  name: string;
  time: string;
}

const COLUMNS: Column<Row>[] = [
  { title: 'NAME', value: ({ name }) => name },
  { title: 'TIME', value: ({ time }) => time },
];

describe('table', () => {
  it('aligns columns under their titles, without blanks at the ends of lines', () => {
    const rows = [
      { name: 'a', time: '10:00' },
      { name: 'longer', time: '' },
    ];
    expect(table(COLUMNS, rows, Infinity)).toEqual(['NAME    TIME', 'a       10:00', 'longer']);
  });

  it('cuts the widest column where the terminal is too narrow', () => {
    const rows = [{ name: 'x'.repeat(50), time: '2027-01-31T12:00:00Z' }];
    const [, line] = table(COLUMNS, rows, 50);
    expect(line).toBe(`${'x'.repeat(27)}…  2027-01-31T12:00:00Z`);
  });

  it('shows escape sequences instead of obeying them', () => {
    expect(table(COLUMNS, [{ name: '\u001b[2J', time: '' }], 80)[1]).toBe('\\u{001b}[2J');
  });

  it('keeps every line within the terminal, unless it has no room for anything', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ name: fc.string(), time: fc.string() })),
        fc.integer({ min: 20, max: 200 }),
        (rows, width) => {
          for (const line of table(COLUMNS, rows, width))
            expect(Array.from(line).length).toBeLessThanOrEqual(width);
        },
      ),
    );
  });
});

describe('details', () => {
  it('aligns values', () => {
    expect(
      details([
        ['id', '1'],
        ['name', 'a\nb'],
      ]),
    ).toEqual(['id:   1', 'name: a\\u{000a}b']);
  });
});
