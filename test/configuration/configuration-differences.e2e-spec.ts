import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ConfigurationApplier } from '../../apps/authorization-server/src/provisioning/configuration-applier.js';
import type { EntryChange } from '../../apps/authorization-server/src/provisioning/configuration-change.js';
import { ConfigurationExporter } from '../../apps/authorization-server/src/provisioning/configuration-exporter.js';
import { administerClient, administerUser } from '../support/administration.js';
import { aConfiguration, type Configuration } from '../support/builders.js';
import { configurations, PASSWORD_HASH } from '../support/configurations.js';
import { describeEachDatabase } from '../support/databases.js';
import { startStack, type Stack } from '../support/stack.js';

type Entries = Record<string, Record<string, unknown>>;

const KEYS = { scope: 'name', client: 'client_id', user: 'username' } as const;

describeEachDatabase('The difference that a configuration file makes', (dialect) => {
  let stack: Stack;

  const apply = (configuration: Configuration, options: object) =>
    stack.application
      .get(ConfigurationApplier, { strict: false })
      .apply({ source: 'test.json', text: JSON.stringify(configuration) }, { again: true, ...options });

  /** Everything, by kind and name. */
  const inventory = (): Promise<Entries> =>
    new ConfigurationExporter(stack.database, true).read(async (lists) => {
      const entries: Entries = {};
      for (const kind of ['scope', 'client', 'user'] as const) {
        for await (const entry of lists[`${kind}s`]) entries[`${kind} ${String(entry[KEYS[kind]])}`] = entry;
      }
      return entries;
    });

  const wouldChange = (changes: readonly EntryChange[] | null) =>
    changes?.filter(({ action }) => action !== 'unchanged' && action !== 'keep');

  beforeAll(async () => {
    stack = await startStack(dialect, { configuration: { scopes: [], clients: [], users: [] } });
  });

  afterAll(() => stack.stop());

  it('is what a dry run shows, entry by entry and field by field, and nothing is left to do afterwards', async () => {
    await fc.assert(
      fc.asyncProperty(configurations, fc.boolean(), async (configuration, prune) => {
        const before = await inventory();
        const shown = await apply(configuration, { dryRun: true, prune });
        expect(await inventory()).toEqual(before);

        expect(await apply(configuration, { prune })).toEqual(shown);
        const after = await inventory();
        for (const change of shown ?? []) {
          const name = `${change.kind} ${change.name}`;
          expect([name in before, name in after]).toEqual(EXISTS[change.action](name in before));
          if (change.action !== 'delete') expectToSayWhatChanged(change, before[name], after[name]);
        }
        const named = new Set(shown?.map(({ kind, name }) => `${kind} ${name}`));
        for (const name of Object.keys({ ...before, ...after }).filter((other) => !named.has(other))) {
          expect(after[name]).toEqual(before[name]);
        }

        const withoutResets = JSON.parse(
          JSON.stringify(configuration, (key, value: unknown) => (key === 'reset' ? undefined : value)),
        ) as Configuration;
        expect(wouldChange(await apply(withoutResets, { dryRun: true, prune }))).toEqual([]);
      }),
      { numRuns: 25 },
    );
  }, 60_000);

  it('shows what an administrator decided otherwise, and does not change it', async () => {
    const configuration = aConfiguration({
      users: [
        { username: 'erin', password_hash: PASSWORD_HASH },
        { username: 'frank', password_hash: PASSWORD_HASH },
      ],
    });
    await apply(configuration, {});
    await administerClient(stack, 'shop-backend').disable();
    await administerUser(stack, 'erin').disable();
    await administerUser(stack, 'frank').delete();
    const changes = (await apply(configuration, {})) ?? [];
    const about = (name: string) => changes.find((change) => change.name === name);
    expect(about('shop-backend')).toMatchObject({
      action: 'unchanged',
      note: expect.stringMatching(/disabled/),
    });
    expect(about('erin')).toMatchObject({ action: 'unchanged', note: expect.stringMatching(/disabled/) });
    expect(about('frank')).toMatchObject({ action: 'keep', note: expect.stringMatching(/deleted/) });
    expect(await inventory()).not.toHaveProperty(['user frank']);
  });

  it('names no secret and no hash', async () => {
    const configuration = aConfiguration({
      users: [{ username: 'grace', password: 'correct horse battery staple' }],
    });
    const changes = await apply(configuration, { dryRun: true });
    const text = JSON.stringify(changes);
    expect(text).toContain('"field":"password","secret":true');
    expect(text).not.toMatch(/correct horse|\$argon2|\$sha256|-secret-0123/);
  });
});

const EXISTS: Record<EntryChange['action'], (before: boolean) => [boolean, boolean]> = {
  create: () => [false, true],
  update: () => [true, true],
  unchanged: () => [true, true],
  delete: () => [true, false],
  keep: (before) => [before, before],
};

/** The keys by which a secret is written, and the one by which a change names it. */
const SECRETS: Record<string, string> = {
  client_secret_hash: 'client_secret',
  client_secrets: 'client_secret',
  password_hash: 'password',
};

/** Decided by nobody but the server, or what the entry is called. */
const NOT_SAID = new Set(['name', 'client_id', 'username', 'sub']);

/** Every key that differs is named with its values, and no other one. */
function expectToSayWhatChanged(
  { fields }: EntryChange,
  before: Record<string, unknown> = {},
  after: Record<string, unknown> = {},
): void {
  const said = fields.map(({ field }) => field);
  const becamePublic = fields.some((change) => 'to' in change && change.to === 'public');
  for (const key of Object.keys({ ...before, ...after })) {
    if (NOT_SAID.has(key) || JSON.stringify(before[key]) === JSON.stringify(after[key])) continue;
    if (!(becamePublic && key in SECRETS)) expect(said).toContain(SECRETS[key] ?? key);
  }
  for (const change of fields) {
    if ('secret' in change) continue;
    expect(change.from).not.toEqual(change.to);
    // A key that is not written has its default, which may be another one than before.
    if (change.field in before) expect(change.from).toEqual(before[change.field]);
    if (change.field in after) expect(change.to).toEqual(after[change.field]);
  }
}
