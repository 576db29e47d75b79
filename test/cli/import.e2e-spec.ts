import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROOT, startAdministered } from '../support/admin-api.js';
import { expectOAuthError, expectTokens } from '../support/expectations.js';
import { LatchkeyInProcess, type Run } from '../support/latchkey.js';
import type { Stack } from '../support/stack.js';

const HASH = '$2b$04$abcdefghijklmnopqrstuuO7wfH1GL/N7VXYkDzMxEkwEcFzTYLTe';

describe('latchkey users import', () => {
  const latchkey = new LatchkeyInProcess();
  let stack: Stack;
  let names = 0;

  beforeAll(async () => {
    stack = await startAdministered('sqlite', {
      environment: { LATCHKEY_PASSWORD_PEPPERS: '{"cake": "a pepper, größer"}' },
    });
  });

  afterAll(() => stack.stop());

  const environment = (url = stack.issuer) => ({
    LATCHKEY_URL: url,
    LATCHKEY_CLIENT_ID: ROOT.clientId,
    LATCHKEY_CLIENT_SECRET: ROOT.secret,
  });
  const run = (input: string, ...options: string[]): Promise<Run> =>
    latchkey.run(['users', 'import', '-', ...options], { environment: environment(), input });

  /** New users, each on a line. */
  const users = (count: number): { username: string; password_hash: string }[] =>
    Array.from({ length: count }, () => ({ username: `import-${++names}`, password_hash: HASH }));
  const lines = (entries: readonly object[]): string =>
    entries.map((user) => JSON.stringify(user)).join('\n');
  const exists = async (username: string): Promise<boolean> =>
    (await latchkey.run(['users', 'show', username], { environment: environment() })).status === 0;

  it('names the line of the file, empty lines included, how many are in, and how to go on', async () => {
    const entries = users(250);
    const wrong = { username: 'import-wrong', password_hash: HASH, allowed_scope: 'nothing' };
    const input = `\n\n${lines(entries.slice(0, 180))}\n\n${lines([wrong, ...entries.slice(180)])}\n`;
    const refused = await run(input);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain('line 184: allowed_scope: there is no scope nothing');
    expect(refused.stderr).toContain('100 users of the lines before are in');
    expect(refused.stderr).toContain('--skip-existing');
    expect(refused.stderr).not.toContain('users[');
    expect(await exists(entries[99]?.username ?? '')).toBe(true);
    expect(await exists(entries[100]?.username ?? '')).toBe(false);

    const corrected = input.replace(',"allowed_scope":"nothing"', '');
    const taken = await run(corrected);
    expect(taken.status).toBe(1);
    expect(taken.stderr).toContain('line 3: username: is taken');
    expect(taken.stderr).toMatch(/and 80 more/);
    expect(taken.stderr).toContain('Nothing was imported');
    expect(taken.stderr).not.toContain('users[');

    const done = await run(corrected, '--skip-existing', '--json');
    expect(done.json).toEqual({ imported: 151, skipped: 100 });
    expect((await run(corrected, '--skip-existing')).stderr).toContain('Imported 0 users. Skipped 251');
  });

  it('takes a pre-hash and a pepper as options, and the server knows the value of the pepper', async () => {
    const password = 'Winter-Tram-7-orbit!';
    const meteor = '$2b$10$dAUujSIS/jFFRMiu/ckn7OOWfvScIwOoihZl5pZOXMPmu3kqRCfrq';
    await run(lines([{ username: 'meteor', password_hash: meteor }]), '--pre-hash', 'sha256-hex');
    expectTokens(await stack.login({ username: 'meteor', password }));

    const digest = createHash('sha1').update(`a pepper, größer${password}`).digest('hex');
    const cake = lines([{ username: 'cake', password_hash: digest }]);
    await run(cake, '--pepper', 'cake', '--pepper-at', 'start');
    expectTokens(await stack.login({ username: 'cake', password }));

    const unknown = await run(lines([{ username: 'other', password_hash: digest }]), '--pepper', 'other');
    expect(unknown).toMatchObject({ status: 1 });
    expect(unknown.stderr).toContain('line 1: password_hash: names the pepper "other"');
    expect((await run(cake, '--pepper-at', 'start')).status).toBe(2);
  });

  it('warns once of slow hashes, however many there are', async () => {
    const slow = users(120).map((user) => ({ ...user, password_hash: '$2b$13$'.padEnd(60, '.') }));
    const { status, stderr } = await run(lines(slow));
    expect(status).toBe(0);
    expect(stderr.match(/Warning: password_hash is slow/g)).toHaveLength(1);
    expect((await run(lines(users(1)))).stderr).not.toContain('Warning');
  });

  it('leaves a user that exists as it is', async () => {
    const [user] = users(1);
    const { username = '' } = user ?? {};
    const [password, another] = ['lantern crisp mortal tray', 'another long passphrase'];
    await run(lines([{ username, password }]));
    const again = await run(
      lines([{ username: username.toUpperCase(), password: another }]),
      '--skip-existing',
    );
    expect(again.stderr).toContain('Imported 0 users. Skipped 1');
    expectTokens(await stack.login({ username, password }));
    expectOAuthError(await stack.login({ username, password: another }), 400, 'invalid_grant');
  });

  it('finds what a line has wrong by itself, all of it, before anything is imported', async () => {
    const [good, twice] = users(2);
    const input = `${lines([good ?? {}, twice ?? {}])}\nnonsense\n[1]\n${lines([twice ?? {}])}`;
    const refused = await run(input);
    expect(refused).toMatchObject({ status: 2, stdout: '' });
    expect(refused.stderr).toContain('line 3: it is not a JSON object');
    expect(refused.stderr).toContain('line 4: it is not a JSON object');
    expect(refused.stderr).toContain('line 5: username: is the same as in line 2');
    expect(refused.stderr).toContain('Nothing was imported');
    expect(await exists(good?.username ?? '')).toBe(false);
  });

  it.each([
    ['a byte-order mark', (text: string) => Buffer.from(`\ufeff${text}`)],
    ['lines that end as on Windows', (text: string) => Buffer.from(text.replaceAll('\n', '\r\n'))],
  ])('takes a file with %s', async (_, encode) => {
    const path = join(latchkey.home, 'users.ndjson');
    writeFileSync(path, encode(`${lines(users(2))}\n`));
    const done = await latchkey.run(['users', 'import', path], { environment: environment() });
    expect(done.stderr).toContain('Imported 2 users');
  });

  it.each([
    ['UTF-16', Buffer.from(`\ufeff${JSON.stringify({ username: 'utf-16' })}`, 'utf16le')],
    ['Latin 1', Buffer.from(JSON.stringify({ username: 'müller', password_hash: HASH }), 'latin1')],
  ])('refuses a file in %s, instead of storing other names', async (_, content) => {
    const path = join(latchkey.home, 'users.ndjson');
    writeFileSync(path, content);
    const refused = await latchkey.run(['users', 'import', path], { environment: environment() });
    expect(refused).toMatchObject({ status: 2, stdout: '' });
    expect(refused.stderr).toContain('users.ndjson is not UTF-8');
  });

  it('names the line of a user that is too large for a request', async () => {
    const [user] = users(1);
    const refused = await run(
      `\n${lines([{ ...user, groups: Array.from({ length: 700 }, (_, i) => 'g'.repeat(99) + i) }])}`,
    );
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain('The server refused line 2: ');
  });

  it('says that it does not know about the lines whose answer got lost', async () => {
    const entries = users(150);
    const server = await loseSecondImport(stack.issuer);
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}`;
    const stopped = await latchkey.run(['users', 'import', '-'], {
      environment: environment(url),
      input: lines(entries),
    });
    server.close();
    expect(stopped.status).toBe(3);
    expect(stopped.stderr).toContain('100 users of the lines before are in');
    expect(stopped.stderr).toContain('whether those of lines 101 to 150 are in is not known');
    expect((await run(lines(entries), '--skip-existing', '--json')).json).toEqual({
      imported: 0,
      skipped: 150,
    });
  });
});

/** Stands in front of a server and drops the answer to the second import. */
async function loseSecondImport(issuer: string): Promise<Server> {
  let imports = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { authorization = '', 'content-type': type = '' } = request.headers;
      void fetch(issuer + (request.url ?? ''), {
        method: request.method ?? 'POST',
        headers: { authorization, 'content-type': type },
        body: Buffer.concat(chunks),
      }).then(async (answer) => {
        const text = await answer.text();
        if (request.url === '/admin/users/import' && ++imports === 2) return void response.destroy();
        response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
