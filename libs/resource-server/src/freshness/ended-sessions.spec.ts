import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { EndedSessions } from './ended-sessions.js';

const ignore = () => undefined;

describe('EndedSessions', () => {
  it('give a client as much room as there is', () => {
    const sessions = new EndedSessions(10, Infinity, ignore);
    for (let index = 0; index < 10; index++) sessions.add(`s${index}`, 'noisy', 1000, 0);
    expect(sessions.size).toBe(10);
    expect(sessions.mayMiss('noisy', 0)).toBe(false);
  });

  it('without room, those of the client with most go, until the last of them would have ended', () => {
    const sessions = new EndedSessions(10, Infinity, ignore);
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
    const sessions = new EndedSessions(3, 100, ignore);
    for (let index = 0; index < 10; index++) sessions.add(`s${index}`, 'noisy', 10_000, index * 50);
    expect(sessions.mayMiss('noisy', 500)).toBe(false);
    expect(sessions.has('s9', 500)).toBe(true);
    expect(sessions.has('s0', 500)).toBe(false);
    expect(sessions.size).toBe(3);
  });

  it('are known until they would have expired, and then take no room', () => {
    const sessions = new EndedSessions(10, Infinity, ignore);
    sessions.add('a', 'shop', 100, 0);
    sessions.add('b', 'shop', 150, 50);
    expect([sessions.has('a', 99), sessions.has('a', 100), sessions.has('other', 0)]).toEqual([
      true,
      false,
      false,
    ]);
    sessions.add('c', 'shop', 199, 99);
    expect(sessions.size).toBe(3);
    sessions.add('d', 'shop', 200, 100);
    expect(sessions.size).toBe(3);
    expect(['b', 'c', 'd'].every((sid) => sessions.has(sid, 100))).toBe(true);
  });

  it('that come again take no more room, and are kept longer', () => {
    const sessions = new EndedSessions(2, Infinity, ignore);
    for (let now = 0; now < 5; now++) sessions.add('a', 'shop', 100 + now, now);
    sessions.add('b', 'forum', 110, 10);
    expect([sessions.size, sessions.isCrowded, sessions.has('a', 103)]).toEqual([2, false, true]);
    // In the order in which they expire.
    sessions.add('a', 'shop', 120, 20);
    sessions.add('c', 'shop', 210, 110);
    expect(['a', 'b', 'c'].map((sid) => sessions.has(sid, 110))).toEqual([true, false, true]);
  });

  it('of one that is needed no longer make room before any client loses its own', () => {
    let crowds = 0;
    const sessions = new EndedSessions(2, 100, () => crowds++);
    for (const sid of ['a', 'b']) sessions.add(sid, 'noisy', 10_000, 0);
    sessions.add('c', 'noisy', 10_100, 100);
    expect(['a', 'b', 'c'].map((sid) => sessions.has(sid, 100))).toEqual([false, true, true]);
    expect([crowds, sessions.isCrowded]).toEqual([0, false]);
    sessions.add('d', 'noisy', 10_101, 101);
    sessions.add('e', 'noisy', 10_102, 102);
    expect([crowds, sessions.isCrowded, sessions.mayMiss('noisy', 10_101)]).toEqual([1, true, true]);
  });

  it('count for the client with most now: what has expired counts no longer', () => {
    const sessions = new EndedSessions(4, Infinity, ignore);
    for (const sid of ['a', 'b', 'c']) sessions.add(sid, 'once noisy', 100, 0);
    for (const sid of ['d', 'e']) sessions.add(sid, 'noisy', 200, 100);
    sessions.add('f', 'once noisy', 210, 110);
    sessions.add('g', 'shop', 220, 120);
    expect(sessions.size).toBe(4);
    sessions.add('h', 'shop', 230, 130);
    const crowded = ['once noisy', 'noisy', 'shop'].filter((client) => sessions.mayMiss(client, 130));
    expect([crowded, sessions.size]).toEqual([['noisy'], 3]);
    // Its last session would have expired, and it has room again.
    expect([sessions.mayMiss('noisy', 199), sessions.mayMiss('noisy', 200)]).toEqual([true, false]);
    sessions.add('i', 'noisy', 300, 200);
    expect([sessions.has('i', 200), sessions.isCrowded, sessions.size]).toEqual([true, false, 4]);
  });

  it('that go one by one leave the others of their client counted', () => {
    const sessions = new EndedSessions(5, Infinity, ignore);
    sessions.add('a', 'noisy', 100, 0);
    for (const sid of ['b', 'c', 'd']) sessions.add(sid, 'noisy', 150, 50);
    for (const sid of ['e', 'f']) sessions.add(sid, 'shop', 200, 100);
    sessions.add('g', 'forum', 210, 110);
    const crowded = ['noisy', 'shop', 'forum'].filter((client) => sessions.mayMiss(client, 110));
    expect([crowded, sessions.size]).toEqual([['noisy'], 3]);
  });

  it('of the client that was first to have most go, whichever adds the last', () => {
    const sessions = new EndedSessions(5, Infinity, ignore);
    for (const sid of ['a', 'b', 'c']) sessions.add(sid, 'noisy', 100, 0);
    for (const sid of ['d', 'e', 'f']) sessions.add(sid, 'shop', 110, 10);
    expect([sessions.mayMiss('noisy', 10), sessions.mayMiss('shop', 10)]).toEqual([true, false]);
    expect(['d', 'e', 'f'].every((sid) => sessions.has(sid, 10))).toBe(true);
  });

  it('without a client are one client, which limits all tokens', () => {
    const sessions = new EndedSessions(1, Infinity, ignore);
    sessions.add('a', null, 100, 0);
    expect(sessions.completeFrom).toBe(-Infinity);
    sessions.add('b', null, 110, 10);
    expect([sessions.completeFrom, sessions.size, sessions.isCrowded]).toEqual([110, 0, true]);
    sessions.add('c', null, 120, 20);
    expect([sessions.completeFrom, sessions.size]).toEqual([120, 0]);
  });

  it('count for no client any more when clients get other names', () => {
    const sessions = new EndedSessions(1, Infinity, ignore);
    for (const sid of ['a', 'b']) sessions.add(sid, 'noisy', 100, 0);
    expect(sessions.mayMiss('noisy', 10)).toBe(true);
    sessions.rename();
    expect([sessions.mayMiss('noisy', 10), sessions.isCrowded]).toEqual([false, false]);
  });

  it('are known, or their client may miss some: whatever comes in whatever order', () => {
    const event = fc.record({
      sid: fc.nat(30),
      client: fc.constantFrom('a', 'b', 'c', null),
      after: fc.nat(30),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), fc.integer({ min: 1, max: 8 }), (events, room) => {
        const sessions = new EndedSessions(room, Infinity, ignore);
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
