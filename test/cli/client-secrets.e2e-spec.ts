import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROOT, startAdministered } from '../support/admin-api.js';
import { LatchkeyInProcess } from '../support/latchkey.js';
import type { Stack } from '../support/stack.js';

describe('latchkey clients secrets', () => {
  const latchkey = new LatchkeyInProcess();
  let stack: Stack;

  beforeAll(async () => {
    stack = await startAdministered('sqlite');
  });

  afterAll(() => stack.stop());

  const run = (...arguments_: string[]) =>
    latchkey.run(['clients', ...arguments_], {
      environment: {
        LATCHKEY_URL: stack.issuer,
        LATCHKEY_CLIENT_ID: ROOT.clientId,
        LATCHKEY_CLIENT_SECRET: ROOT.secret,
      },
      input: '',
    });
  const succeed = async (...arguments_: string[]) => {
    const done = await run(...arguments_);
    expect({ status: done.status, stderr: done.stderr }).toMatchObject({ status: 0 });
    return done;
  };

  it('replaces one with an overlap', async () => {
    await succeed('create', 'rotated');
    const overlap = ['--expire-others-at', '2999-01-01T00:00:00Z'];
    const added = await succeed('secrets', 'add', 'rotated', '--json', ...overlap);
    const { id, client_secret: secret } = added.json as { id: string; client_secret: string };
    const listed = await succeed('secrets', 'list', 'rotated');
    expect(listed.stdout).toContain('2999-01-01T00:00:00Z');
    expect(listed.stdout).not.toContain(secret);
    await succeed('secrets', 'delete', 'rotated', id, '--yes');
  });

  it('deletes the only one by force alone', async () => {
    await succeed('create', 'alone');
    const listed = await succeed('secrets', 'list', 'alone', '--json');
    const [only] = listed.json as { id: string }[];
    const remove = ['secrets', 'delete', 'alone', only?.id ?? '', '--yes'];
    const refused = await run(...remove);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain('It is the only secret');
    await succeed(...remove, '--force');
    expect((await succeed('secrets', 'list', 'alone', '--json')).json).toEqual([]);
  });
});
