import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Terminal } from '../terminal.js';
import { resolveConnection, profilesPath, readProfiles, writeProfiles } from './connection.js';

const SECRET = 'a-secret-of-32-characters-or-more';
const STORED = { url: 'https://login.example.com', clientId: 'stored', clientSecret: SECRET };

describe('the server and client of a command', () => {
  let home: string;

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'latchkey-profiles-'));
  });

  afterEach(() => rmSync(home, { recursive: true, force: true }));

  const resolve = (environment: Record<string, string>, profile?: string) => {
    const sink = new Writable({ write: (_chunk, _encoding, done) => done() });
    const terminal = new Terminal(Readable.from([]), sink, sink);
    const options = profile === undefined ? {} : { profile };
    return resolveConnection({ terminal, environment: { HOME: home, ...environment } }, options);
  };
  const client = { LATCHKEY_CLIENT_ID: 'admin', LATCHKEY_CLIENT_SECRET: SECRET };

  it('come from the environment, and are those of npm start where it names no server', () => {
    expect(resolve(client)).toEqual({
      url: 'http://127.0.0.1:3000',
      clientId: 'admin',
      clientSecret: SECRET,
    });
    expect(resolve({ ...client, LATCHKEY_URL: 'https://id.example.com/base/' }).url).toBe(
      'https://id.example.com/base',
    );
  });

  it('take the secret from a file', () => {
    const file = join(home, 'secret');
    writeFileSync(file, `${SECRET}\n`);
    expect(resolve({ LATCHKEY_CLIENT_ID: 'admin', LATCHKEY_CLIENT_SECRET_FILE: file }).clientSecret).toBe(
      SECRET,
    );
    const missing = { LATCHKEY_CLIENT_ID: 'admin', LATCHKEY_CLIENT_SECRET_FILE: join(home, 'no') };
    expect(() => resolve(missing)).toThrow('cannot be read');
  });

  it('are refused where a setting is not what it may be', () => {
    const both = { ...client, LATCHKEY_CLIENT_SECRET_FILE: join(home, 'secret') };
    expect(() => resolve(both)).toThrow('are both set');
    expect(() => resolve({ ...client, LATCHKEY_ALLOW_HTTP: 'yes' })).toThrow(
      'LATCHKEY_ALLOW_HTTP must be true or false',
    );
    expect(resolve({ ...client, LATCHKEY_CLIENT_SECRET_FILE: '' }).clientSecret).toBe(SECRET);
  });

  it('come from a profile that is named, before the environment, and from `default` after it', () => {
    writeProfiles({ HOME: home }, { default: STORED, other: { ...STORED, clientId: 'other' } });
    expect(resolve({})).toEqual(STORED);
    expect(resolve(client).clientId).toBe('admin');
    expect(resolve(client, 'other').clientId).toBe('other');
    expect(resolve({ ...client, LATCHKEY_PROFILE: 'other' }).clientId).toBe('other');
    expect(() => resolve(client, 'nobody')).toThrow('There is no profile nobody');
    expect(() => resolve(client, 'constructor')).toThrow('There is no profile constructor');
  });

  it('are asked for where there are none', () => {
    expect(() => resolve({})).toThrow('No client to act as');
    expect(() => resolve({ LATCHKEY_CLIENT_ID: 'admin' })).toThrow('No client to act as');
  });

  it.each([
    'ftp://example.com',
    'example.com',
    '',
    'https://u:p@example.com',
    'https://example.com/?a=b',
    'https://example.com\n',
    'https://example.com/a b',
  ])('are no %j', (url) => {
    expect(() => resolve({ ...client, LATCHKEY_URL: url })).toThrow(/no URL of a server|holds credentials/);
  });

  it('stay on encrypted connections beyond this machine, unless that is asked for', () => {
    for (const url of ['http://login.example.com', 'http://10.0.0.1', 'http://localhost.example.com']) {
      expect(() => resolve({ ...client, LATCHKEY_URL: url })).toThrow('without encryption');
      expect(resolve({ ...client, LATCHKEY_URL: url, LATCHKEY_ALLOW_HTTP: 'true' }).url).toBe(url);
    }
    for (const url of ['http://localhost:1', 'http://[::1]:1', 'http://127.0.0.2']) {
      expect(resolve({ ...client, LATCHKEY_URL: url }).url).toBe(url);
    }
  });

  it('are stored for their owner only', () => {
    writeProfiles({ HOME: home }, { default: STORED });
    expect(statSync(profilesPath({ HOME: home })).mode & 0o777).toBe(0o600);
    expect(readProfiles({ HOME: home })).toEqual({ default: STORED });
  });

  it.each(['', 'null', '[1]', '{"default": {"url": "https://example.com"}}', 'no JSON'])(
    'are not read from a broken file: %j',
    (text) => {
      writeProfiles({ HOME: home }, {});
      writeFileSync(profilesPath({ HOME: home }), text);
      expect(() => resolve({})).toThrow('is no file of profiles');
    },
  );
});
