import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ALICE, BOB, aClient, aConfiguration, SHOP } from '../support/builders.js';
import { expectTokens } from '../support/expectations.js';
import { api } from '../support/http.js';
import { startStack, type Stack } from '../support/stack.js';
import { committedDocument, without } from './support/documents.js';
import { fuzz } from './support/findings.js';
import type { RequestOptions } from './support/requests.js';

const DOCUMENT = committedDocument('resource-server');

describe('The OpenAPI document of the sample resource server', () => {
  let stack: Stack;
  let base: string;
  let options: RequestOptions;

  beforeAll(async () => {
    const grants = ['password', 'refresh_token', 'client_credentials'];
    const configuration = aConfiguration();
    configuration.clients[0] = aClient({ grant_types: grants });
    stack = await startStack('sqlite', { configuration, resourceServer: true });
    base = new URL(stack.resources).origin;
    options = await requestOptions(stack);
  });

  afterAll(() => stack.stop());

  it('says all that 3,000 requests are answered, none of which fails', async () => {
    const { problems, seen } = await fuzz(base, DOCUMENT, { ...options, numRuns: 3000 });
    expect(problems.slice(0, 10)).toEqual([]);
    for (const path of Object.keys(DOCUMENT.paths)) {
      expect([...seen.keys()].some((key) => key.includes(` ${path} 20`))).toBe(true);
    }
  }, 120_000);

  it('is found out when it leaves a status out', async () => {
    const seeded = without(DOCUMENT, '/resources', 'post', 400);
    const { problems } = await fuzz(base, seeded, { ...options, numRuns: 300 });
    expect(problems).not.toEqual([]);
    for (const problem of problems) expect(problem).toMatch(/^undocumented status 400 .*"POST"/);
  }, 60_000);
});

async function requestOptions(stack: Stack): Promise<RequestOptions> {
  const alice = expectTokens(await stack.login(ALICE)).access_token;
  const bob = expectTokens(await stack.login(BOB)).access_token;
  const reading = expectTokens(await stack.login(BOB, { scope: 'resources:read' })).access_token;
  const machine = expectTokens(await stack.token({ grant_type: 'client_credentials' }, SHOP)).access_token;
  const ids: string[] = [];
  for (const token of [alice, alice, alice, alice, bob, bob]) {
    const { json } = await api('POST', stack.resources, token, { name: 'a', content: '' });
    ids.push((json as { id: string }).id);
  }
  return {
    authorizations: [alice, alice, alice, bob, reading, machine, 'x', null].map((token) =>
      token === null ? null : `Bearer ${token}`,
    ),
    known: {
      '{id}': [...ids, 'x', '0193a3b2-1111-7abc-8def-0123456789ab'],
      sub: ['somebody', 'somebody-else'],
    },
    weights: { 'DELETE /resources/{id}': 1, 'GET /health/live': 2, 'GET /health/ready': 2 },
  };
}
