import { ServerResponse, IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import type { HttpSettings } from '@latchkey/platform/http';
import { FeedLimits } from './feed-limits.js';
import { FeedStream } from './feed-stream.js';

describe('FeedStream', () => {
  it('sends what changed while the snapshot was read after the snapshot, and before it says that it is live', async () => {
    const sent: string[] = [];
    const stream = new FeedStream({
      boot: 'boot',
      clientId: 'listener',
      digests: null,
      limits: new FeedLimits({ http: { maxConnections: 10 } as HttpSettings }),
      sent: (event) => sent.push(event),
      closed: () => undefined,
    });
    stream.begin(new ServerResponse(new IncomingMessage(new Socket())), []);
    stream.send('snapshot', { now: 1, max_token_lifetime: 1, heartbeat_interval: 1 });
    stream.changed({ kind: 'user', sub: 'alice', epoch: 1, at: 1 });
    expect(sent).toEqual(['snapshot']);
    stream.live(2);
    stream.changed({ kind: 'user', sub: 'bob', epoch: 1, at: 3 });
    expect(sent).toEqual(['snapshot', 'revoked', 'live', 'revoked']);
    stream.drop();
  });
});
