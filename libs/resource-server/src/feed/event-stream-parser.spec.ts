import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { EventStreamParser } from './event-stream-parser.js';
import { FeedProtocolError } from './feed-protocol.error.js';

const bytes = (text: string) => new TextEncoder().encode(text);
const parse = (text: string) => new EventStreamParser().push(bytes(text));

const word = fc.string({ unit: fc.constantFrom(...'aZ0: é€😀-_{}"'), maxLength: 12 });
const event = fc.record({ name: word.filter((name) => name.trim() !== ''), id: word, data: word });
const lineEnd = fc.constantFrom('\n', '\r', '\r\n');

function format({ name, id, data }: { name: string; id: string; data: string }, end: string): string {
  return [`event: ${name}`, `id: ${id}`, ': a comment', 'retry: 5', `data: ${data}`, '', ''].join(end);
}

describe('EventStreamParser', () => {
  it('reads the same events however their bytes are cut and their lines end', () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 6 }), lineEnd, cuts, (events, end, sizes) => {
        // A carriage return may be half of a line end, so that the last one waits for another line.
        const content = bytes(`${events.map((one) => format(one, end)).join('')}:\n`);
        const parser = new EventStreamParser();
        const read = [];
        for (let at = 0, cut = 0; at < content.length; cut++) {
          const size = sizes[cut % sizes.length] ?? 1;
          read.push(...parser.push(content.subarray(at, at + size)));
          at += size;
        }
        expect(read).toEqual(events);
      }),
    );
  });

  it('throws nothing but its own error, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }), (chunks) => {
        const parser = new EventStreamParser();
        try {
          for (const chunk of chunks) parser.push(chunk);
        } catch (error) {
          expect(error).toBeInstanceOf(FeedProtocolError);
        }
      }),
    );
  });

  it('joins several lines of data, and knows no event without data', () => {
    expect(parse('data: a\ndata:  b\ndata\n\n')).toEqual([{ name: 'message', data: 'a\n b\n', id: '' }]);
    expect(parse('event: x\nid: 1\n\ndata: a\n\n')).toEqual([{ name: 'message', data: 'a', id: '' }]);
  });

  it('does not take an id over from one event to the next', () => {
    const [, second] = parse('id: 7\ndata: a\n\ndata: b\n\n');
    expect(second?.id).toBe('');
  });

  it('refuses lines and events that are too long, in one piece or in many', () => {
    expect(() => parse('x'.repeat(40_000))).toThrow(FeedProtocolError);
    expect(() => parse(`data: ${'x'.repeat(1000)}\n`.repeat(40))).toThrow(FeedProtocolError);
    const parser = new EventStreamParser();
    expect(() => {
      for (let i = 0; i < 20_000; i++) parser.push(bytes('xx'));
    }).toThrow(FeedProtocolError);
  });

  it('refuses bytes that are no UTF-8', () => {
    expect(() => new EventStreamParser().push(Uint8Array.of(0xff, 0x0a))).toThrow(FeedProtocolError);
  });
});
