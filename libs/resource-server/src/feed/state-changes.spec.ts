import { describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { FeedState } from './freshness-status.js';
import { StateChanges } from './state-changes.js';

describe('StateChanges', () => {
  it('tells of each change once, and nobody who has ended it', () => {
    const changes = new StateChanges('off');
    const told: FeedState[] = [];
    const end = changes.subscribe((state) => told.push(state));
    for (const state of ['live', 'live', 'degraded'] as const) changes.update(state);
    end();
    changes.update('down');
    expect(told).toEqual(['live', 'degraded']);
  });

  it('goes on when a listener throws', () => {
    Logger.overrideLogger(false);
    const changes = new StateChanges('off');
    const told: FeedState[] = [];
    changes.subscribe(() => {
      throw new Error('a defect of the application');
    });
    changes.subscribe((state) => told.push(state));
    changes.update('down');
    expect(told).toEqual(['down']);
  });

  it('logs what a listener rejects with', async () => {
    const error = new Error('an alarm was not sent');
    const logged = new Promise<unknown>((resolve) => {
      Logger.overrideLogger({
        log: resolve,
        warn: resolve,
        error: (...parameters: unknown[]) => resolve(parameters),
      });
    });
    const changes = new StateChanges('off');
    const listener: () => unknown = () => Promise.reject(error);
    changes.subscribe(listener);
    changes.update('down');
    expect(await logged).toContain(error);
  });
});
