import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../apps/authorization-server/src/config/load-config.js';
import { parseConfiguration } from '../../apps/authorization-server/src/provisioning/parse-configuration.js';
import { MASTER_KEY } from '../support/builders.js';
import { codeBlocks, isSettings, PAGES } from './support/code-blocks.js';

const blocks = PAGES.flatMap(codeBlocks);
const files = blocks.filter(({ language, notRun }) => language === 'yaml' && notRun === null);
const settings = blocks.filter(isSettings);

const place = ({ page, line }: { page: string; line: number }): string => `${page}:${line}`;

describe('The configuration that the pages show', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-settings-'));
    writeFileSync(join(folder, 'latchkey-master-key'), MASTER_KEY);
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  it('is there', () => {
    expect(files.length).toBeGreaterThan(2);
    expect(settings.length).toBeGreaterThan(0);
  });

  it.each([...PAGES, 'docs/reference/commands.md'])(
    'calls the API by one name, to the last slash, in %s',
    (page) => {
      // Audiences are compared character by character, so whoever joins two pages needs the same text in both.
      expect(readFileSync(page, 'utf8')).not.toMatch(/https:\/\/api\.example\.com(?!\/)/);
    },
  );

  it.each(files.map((block) => [place(block), block] as const))('is a file at %s', (where, { text }) => {
    expect(() => parseConfiguration(text, where)).not.toThrow();
  });

  it.each(settings.map((block) => [place(block), block] as const))(
    'is an environment at %s',
    (_where, { text }) => {
      const print = `${process.execPath} -e 'process.stdout.write(JSON.stringify(process.env))'`;
      const here = text.replaceAll('/run/secrets', folder);
      const output = execFileSync('sh', ['-c', `set -a\n${here}\n${print}`], { env: {}, encoding: 'utf8' });
      expect(() => loadConfig(JSON.parse(output) as Record<string, string>)).not.toThrow();
    },
  );
});
