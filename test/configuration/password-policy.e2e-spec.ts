import { afterEach, beforeEach, expect, it } from '@jest/globals';
import sql from 'sql-template-tag';
import { aClient, aConfiguration, aUser } from '../support/builders.js';
import { describeEachDatabase } from '../support/databases.js';
import { Installation } from '../support/installation.js';
import { refusalsOf } from '../support/refusals.js';
import { startStack } from '../support/stack.js';

const SECRET = 'canary-secret-0123456789abcdefghijkl';

describeEachDatabase('A password in a configuration file that the API refuses', (dialect) => {
  let installation: Installation;

  beforeEach(async () => {
    installation = await Installation.create(dialect);
  });

  afterEach(() => installation.drop());

  const production = { NODE_ENV: 'production', ISSUER: 'https://login.example.com' };
  const strong = 'tidal lantern mosaic under rain';
  const clients = [aClient({ client_secret: SECRET })];

  it.each([
    ['a short one', 'winter', 'must have at least 15 characters'],
    ['a common one', '1qaz2wsx3edc4rfv', 'is among the passwords that are commonly used'],
    ['one of the user name', 'christopher-christopher', 'is too close to the user name'],
    ['one of the service', 'latchkey latchkey', 'is too close to the name of the service'],
  ])('%s is refused in production, at the place where it stands', async (_, password, expected) => {
    const users = [
      aUser({ username: 'alice', password: strong }),
      aUser({ username: 'christopher', password }),
    ];
    const problems = await refusalsOf(installation.start(aConfiguration({ clients, users }), production));
    expect(problems).toEqual([expect.stringContaining(`users[1].password: ${expected}`)]);
    expect(problems.join()).not.toContain(password);
  });

  it('names them together with every other mistake', async () => {
    const users = [aUser({ username: 'alice', password: 'winter' }), { username: 'bob', sub: 17 }];
    const problems = await refusalsOf(installation.start(aConfiguration({ clients, users }), production));
    expect(problems).toEqual([
      expect.stringContaining('users[1].sub: '),
      expect.stringContaining('users[0].password: must have at least 15 characters'),
    ]);
  });

  it('counts a shorter minimum', async () => {
    const users = [aUser({ username: 'alice', password: 'win7er-snow' })];
    const start = installation.start(aConfiguration({ clients, users }), {
      ...production,
      PASSWORD_MIN_LENGTH: '8',
    });
    await (await start).stop();
  });

  it('lets one stand that is not used, and refuses it once it is', async () => {
    const users = [aUser({ username: 'alice', password: 'winter' })];
    await installation.apply(aConfiguration({ clients, users }), { ISSUER: production.ISSUER });
    const groups = ['staff'];
    const again = await installation.start(
      aConfiguration({ clients, users: [{ ...users[0], groups }] }),
      production,
    );
    await again.stop();
    const reset = { clients, users: [{ ...users[0], groups, reset: true }] };
    expect(await refusalsOf(installation.start(aConfiguration(reset), production))).toEqual([
      expect.stringContaining('users[0].password: must have at least 15 characters'),
    ]);
  });
});

describeEachDatabase('The passwords of a configuration file', (dialect) => {
  it('are hashed at the start where a login would be refused, because it waits for too long', async () => {
    const stack = await startStack(dialect, {
      realHashes: true,
      environment: { HASH_WORKERS: '1', HASH_QUEUE_DEADLINE_MS: '10' },
    });
    const users = await stack.database.query(sql`SELECT 1 FROM users`);
    await stack.stop();
    expect(users).toHaveLength(aConfiguration().users.length);
  });
});
