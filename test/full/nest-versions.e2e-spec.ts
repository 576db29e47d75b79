import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { packLibrary } from '../../scripts/support/pack.mjs';
import { eventually } from '../support/eventually.js';
import { MATRIX_CALLS, playMessages, playSockets } from '../library/matrix/calls.js';
import {
  MatrixInstallation,
  type Addresses,
  type Installation,
} from '../library/matrix/matrix-installation.js';
import { MatrixServer } from '../library/matrix/matrix-server.js';
import { observed, play, type MatrixAnswer } from '../library/matrix/play.js';
import { MATRIX_REQUESTS } from '../library/matrix/requests.js';
import { JwtIssuer, newSigningKey } from '../library/support/jwt-issuer.js';
import { PLATFORMS } from '../library/support/protected-application.js';

/** As teams have it: CommonJS until Nest 11, ES modules from Nest 12 on. */
const USUAL: readonly Installation[] = [
  { nest: 10, manager: 'npm', format: 'commonjs' },
  { nest: 11, manager: 'npm', format: 'commonjs' },
  { nest: 12, manager: 'npm', format: 'module' },
];

/** With `NEST_MATRIX=all`. */
const UNUSUAL: readonly Installation[] = [
  ...USUAL.map(({ nest, format }): Installation => ({ nest, manager: 'pnpm', format })),
  { nest: 10, manager: 'npm', format: 'module' },
  { nest: 11, manager: 'npm', format: 'module' },
  { nest: 12, manager: 'npm', format: 'commonjs' },
];

const installations = process.env.NEST_MATRIX === 'all' ? [...USUAL, ...UNUSUAL] : USUAL;

const installed = new Map<Installation, MatrixInstallation>();

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-tarballs-'));
  const tarballs = Object.fromEntries(
    ['contracts', 'resource-server'].map((name) => [
      `@latchkey/${name}`,
      `file:${packLibrary(name, folder)}`,
    ]),
  );
  // Registry and processor take turns in this way.
  await Promise.all(
    installations.map(async (one) => installed.set(one, await MatrixInstallation.create(one, tarballs))),
  );
  await rm(folder, { recursive: true });
}, 600_000);

afterAll(() => Promise.all([...installed.values()].map((one) => one.remove())));

/** All answers of all applications, which have to be the same. */
const answers = new Map<string, readonly MatrixAnswer[]>();

describe.each(installations)(
  'The packed library beside Nest $nest, by $manager, from $format',
  (installation) => {
    let server: MatrixServer;
    let application: MatrixInstallation;
    let urls: Addresses;

    beforeAll(async () => {
      server = await MatrixServer.start();
      application = installed.get(installation)!;
      urls = await application.start(server.options);
    });

    afterAll(() => server.stop());

    it.each(PLATFORMS)(
      'answers as it should, on %s',
      async (platform) => {
        let streamed: Promise<unknown> | undefined;
        await server.revoke(urls[platform], async () => {
          const headers = { authorization: 'Bearer revoked' };
          const stream = await fetch(`${urls[platform]}/api/events`, { headers });
          expect(stream.status).toBe(200);
          streamed = stream.text();
          streamed.catch(() => undefined);
        });
        // A stream of events is cut when its token is revoked.
        await expect(streamed).rejects.toThrow();
        const all: MatrixAnswer[] = [];
        const seen: object[] = [];
        for (const asked of MATRIX_REQUESTS) {
          const answer = await play(urls[platform], asked);
          // What Nest says by itself differs between platforms.
          all.push(asked.says === undefined ? { ...answer, body: null } : answer);
          seen.push(observed(asked, answer));
        }
        expect(seen).toEqual(MATRIX_REQUESTS);
        expect(await playSockets(platform, urls[platform])).toEqual(MATRIX_CALLS.sockets);
        answers.set(`${JSON.stringify(installation)} ${platform}`, all);
      },
      60_000,
    );

    it('judges messages as it should', async () => {
      expect(await playMessages(urls.messages)).toEqual(MATRIX_CALLS.messages);
    });

    // Of Nest 12 itself, Jest loads nothing from CommonJS before Node.js 24.9.
    const isLoaded = installation.nest < 12 || installation.format === 'module';
    (isLoaded ? it : it.skip)(
      'runs in Jest, from the format of the application',
      async () => {
        expect(await application.test(server.options)).toContain('1 passed, 1 total');
      },
      60_000,
    );

    it('validates tokens itself', async () => {
      const issuer = await JwtIssuer.start();
      const local = { validation: 'local', jwks: { uri: issuer.url } } as const;
      const { fastify } = await application.start({ ...server.options, ...local });
      const status = async (token: string) =>
        (await fetch(`${fastify}/api/plain`, { headers: { authorization: `Bearer ${token}` } })).status;
      // Which no other way would be accepted: introspection does not know it.
      await eventually(async () => expect(await status(await issuer.sign())).toBe(200));
      expect(await status(await issuer.sign({}, { key: await newSigningKey('key-1') }))).toBe(401);
      await issuer.stop();
    }, 60_000);
  },
);

it('is the same everywhere, with challenges and bodies', () => {
  const [first = [], ...others] = answers.values();
  expect(first).toHaveLength(MATRIX_REQUESTS.length);
  expect(answers.size).toBe(installations.length * PLATFORMS.length);
  for (const other of others) expect(other).toEqual(first);
});
