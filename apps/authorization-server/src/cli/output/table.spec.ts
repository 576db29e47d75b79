import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { details, table, widthOf, type Column } from './table.js';

interface Row {
  id: string;
  name: string;
  time: string;
}

const COLUMNS: Column<Row>[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'NAME', value: ({ name }) => name, isText: true },
  { title: 'TIME', value: ({ time }) => time },
];

const TIME = '2027-01-31T12:00:00Z';
const ID = '01a22642-dceb-7446-ab25-0447fe96978a';

describe('table', () => {
  it('aligns columns under their titles, without blanks at the ends of lines', () => {
    const rows = [
      { id: '1', name: 'a', time: '10:00' },
      { id: '2', name: 'longer', time: '' },
    ];
    expect(table(COLUMNS, rows, { width: Infinity })).toEqual([
      'ID  NAME    TIME',
      '1   a       10:00',
      '2   longer',
    ]);
  });

  it('cuts text, and nothing else, where a line is too long', () => {
    const rows = [{ id: ID, name: 'x'.repeat(50), time: TIME }];
    expect(table(COLUMNS, rows, { width: 80 })[1]).toBe(`${ID}  ${'x'.repeat(19)}…  ${TIME}`);
  });

  it('goes on in another line where ids and times have no room in one', () => {
    const rows = [{ id: ID, name: 'x'.repeat(50), time: TIME }];
    expect(table(COLUMNS, rows, { width: 60 })).toEqual([
      `ID${' '.repeat(36)}NAME`,
      '  TIME',
      `${ID}  ${'x'.repeat(21)}…`,
      `  ${TIME}`,
    ]);
    expect(table(COLUMNS, rows, { width: 20 })).toContain(ID);
  });

  it('shows escape sequences instead of obeying them', () => {
    const rows = [{ id: '\u001b[2J', name: '', time: '' }];
    expect(table(COLUMNS, rows, { width: 80 })[1]).toBe('\\u{001b}[2J');
  });

  it('counts the columns that a character takes', () => {
    const rows = [
      { id: '鈴木', name: '', time: 'x' },
      { id: 'e\u0301te\u0301', name: '', time: 'x' },
    ];
    expect(table(COLUMNS, rows, { width: 80 })).toEqual([
      'ID    NAME  TIME',
      '鈴木        x',
      'e\u0301te\u0301         x',
    ]);
  });

  it('has colour where it is asked for, which takes no room', () => {
    const toned: Column<Row>[] = [
      { title: 'ID', value: ({ id }) => id, tone: () => 'bad' },
      ...COLUMNS.slice(2),
    ];
    const rows = [{ id: '1', name: '', time: TIME }];
    const coloured = table(toned, rows, { width: 80, hasColour: true });
    expect(coloured[1]).toBe(`\u001b[31m1\u001b[0m   ${TIME}`);
    const plain = coloured.map((line) => line.replace(/\u001b\[\d+m/g, ''));
    expect(plain).toEqual(table(toned, rows, { width: 80 }));
  });

  it('shows every id and time, and keeps within the terminal where they have room', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 60 });
    const word = fc.stringMatching(/^[a-z0-9-]{1,38}$/);
    fc.assert(
      fc.property(
        fc.array(fc.record({ id: word, name: text, time: word }), { minLength: 1 }),
        fc.integer({ min: 40, max: 200 }),
        (rows, width) => {
          const lines = table(COLUMNS, rows, { width });
          for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width);
          const words = lines.flatMap((line) => line.split(' '));
          for (const { id, time } of rows) expect(words).toEqual(expect.arrayContaining([id, time]));
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
