import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { EndedSessions } from './ended-sessions.js';

describe('EndedSessions', () => {
  it('give a client as much room as there is', () => {
    const sessions = new EndedSessions(10, Infinity);
    for (let index = 0; index < 10; index++) sessions.add(`s${index}`, 'noisy', 1000, 0);
    expect(sessions.size).toBe(10);
    expect(sessions.mayMiss('noisy', 0)).toBe(false);
  });

  it('without room, those of the client with most go, until the last of them would have ended', () => {
    const sessions = new EndedSessions(10, Infinity);
    sessions.add('mine', 'shop', 1000, 0);
    for (let index = 0; index < 10; index++) sessions.add(`s${index}`, 'noisy', 1000 + index, index);
    expect(sessions.mayMiss('noisy', 1008)).toBe(true);
    expect(sessions.mayMiss('noisy', 1009)).toBe(false);
    expect(sessions.mayMiss('shop', 10)).toBe(false);
    expect(sessions.has('mine', 10)).toBe(true);
    // What goes on longer takes no room.
    for (let index = 0; index < 100; index++) sessions.add(`later${index}`, 'noisy', 2000, 20);
    expect(sessions.size).toBe(1);
    expect(sessions.mayMiss('noisy', 1999)).toBe(true);
    expect(sessions.completeFrom).toBe(-Infinity);
  });

  it('first let go of those that no answer on its way can contradict', () => {
    const sessions = new EndedSessions(3, 100);
    for (let index = 0; index < 10; index++) sessions.add(`s${index}`, 'noisy', 10_000, index * 50);
    expect(sessions.mayMiss('noisy', 500)).toBe(false);
    expect(sessions.has('s9', 500)).toBe(true);
    expect(sessions.has('s0', 500)).toBe(false);
    expect(sessions.size).toBe(3);
  });

  it('are known, or their client may miss some: whatever comes in whatever order', () => {
    const event = fc.record({
      sid: fc.nat(30),
      client: fc.constantFrom('a', 'b', 'c', null),
      after: fc.nat(30),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), fc.integer({ min: 1, max: 8 }), (events, room) => {
        const sessions = new EndedSessions(room, Infinity);
        const ended = new Map<string, { client: string | null; until: number }>();
        let now = 0;
        for (const { sid, client, after } of events) {
          now += after;
          // A session has one client.
          const name = `${sid}-${client}`;
          sessions.add(name, client, now + 100, now);
          ended.set(name, { client, until: now + 100 });
          expect(sessions.size).toBeLessThanOrEqual(room);
          for (const [known, { client: whose, until }] of ended) {
            if (now >= until) continue;
            const isCovered = whose === null ? now < sessions.completeFrom : sessions.mayMiss(whose, now);
            expect(sessions.has(known, now) || isCovered).toBe(true);
          }
        }
      }),
    );
  });
});
