import { readFileSync } from 'node:fs';
import { readConfig, SECRETS } from '../../apps/authorization-server/dist/config/load-config.js';
import {
  readResourceServerConfig,
  SECRETS as RESOURCE_SERVER_SECRETS,
} from '../../apps/resource-server/dist/config/resource-server-config.js';
import { code, page, table } from './markdown.mjs';
import { RecordingReader } from './recording-reader.mjs';

const GUIDE = new URL('../../docs/configuration.md', import.meta.url);

/** Some variables are read only where others are set; the first environment has the defaults. */
const ENVIRONMENTS = [
  {},
  {
    NODE_ENV: 'production',
    HOST: '0.0.0.0',
    METRICS_PORT: '1',
    AUTHORIZATION_SERVER_URL: 'http://as.example',
  },
];

/** Defaults that depend on the machine or on other variables. */
const COMPUTED = {
  'Authorization server': {
    HASH_WORKERS: 'number of processors less one, at least 1',
    METRICS_PORT: 'none',
    PASSKEY_RP_ID: 'the host of `ISSUER`',
    PASSKEY_ORIGINS: 'the origin of `ISSUER`',
  },
  'Resource server': {
    METRICS_PORT: 'none',
    ISSUER: '`AUTHORIZATION_SERVER_URL`',
    RESOURCE_URL: '`AUDIENCE`, or `http://HOST:PORT`',
    TOKEN_CACHE_TTL_MS: 'no limit with the feed, `0` without',
  },
};

/** docs/reference/settings.md: names, defaults and rules from the code, meanings from the guide. */
export function settingsPage() {
  const guide = readFileSync(GUIDE, 'utf8');
  const meanings = meaningsIn(section(guide, 'Authorization server'));
  const servers = [
    ['Authorization server', readConfig, SECRETS, meanings],
    [
      'Resource server',
      readResourceServerConfig,
      RESOURCE_SERVER_SECRETS,
      meaningsIn(section(guide, 'Resource server'), meanings),
    ],
  ];
  return page(
    'Settings',
    'Every environment variable of both servers. What they are for and what they do together: [configuration](../configuration.md). Times are in seconds unless the name ends in `_MS`. Where it says "or from a file", `NAME_FILE` may name a file with the value.',
    servers.flatMap(([title, read, secrets, texts]) => [
      `## ${title}`,
      settingsTable(title, read, secrets, texts),
    ]),
  );
}

function settingsTable(title, read, secrets, meanings) {
  const settings = recorded(read);
  const wrong = [...settings.keys(), ...meanings.keys()].filter(
    (name) => settings.has(name) !== meanings.has(name),
  );
  if (wrong.length > 0) throw new Error(`docs/configuration.md, ${title}: look after ${wrong.join(', ')}`);
  const rows = [...meanings].map(([name, meaning]) => {
    const setting = settings.get(name);
    const rules = [setting.rule, secrets.includes(name) && 'or from a file'].filter(Boolean);
    const fallback = COMPUTED[title][name] ?? setting.fallbacks.join('; production: ');
    return [code(name), meaning, fallback, rules.join('; ')];
  });
  return table(['variable', 'meaning', 'default', 'rule'], rows);
}

/** What all environments bring to light: of each variable what says most, and its defaults where they differ. */
function recorded(read) {
  const settings = new Map();
  for (const environment of ENVIRONMENTS) {
    const reader = new RecordingReader(environment);
    read(reader);
    for (const [name, setting] of reader.settings) {
      const known = settings.get(name);
      if (known !== undefined && known.weight > setting.weight) continue;
      const before = known?.weight === setting.weight ? known.fallbacks : [];
      settings.set(name, { ...setting, fallbacks: [...new Set([...before, fallbackOf(setting)])] });
    }
  }
  return settings;
}

function fallbackOf({ fallback, required }) {
  if (required) return 'required';
  return fallback === undefined || fallback === '' ? 'none' : code(fallback);
}

function section(guide, title) {
  const start = guide.indexOf(`\n## ${title}\n`);
  return guide.slice(start, guide.indexOf('\n## ', start + 1));
}

/** By variable, what the lists of a section say. @param above the meanings of variables of which it only says that they are the same */
function meaningsIn(text, above = new Map()) {
  const meanings = new Map();
  for (const [, names] of text.matchAll(/^These mean the same as above: (.*)\.$/gm))
    for (const name of namesIn(names)) meanings.set(name, above.get(name));
  for (const [, names, meaning] of text.matchAll(/^- ((?:`[A-Z0-9_]+`(?:, )?)+): (.*)$/gm))
    for (const name of namesIn(names))
      meanings.set(name, meaning.replace('as above', above.get(name) ?? 'as above'));
  for (const [name, meaning] of meanings) meanings.set(name, fromReference(meaning));
  return meanings;
}

function namesIn(text) {
  return [...text.matchAll(/`([A-Z0-9_]+)`/g)].map(([, name]) => name);
}

/** Links of the guide, as they are from the page of settings. */
function fromReference(text) {
  return text.replaceAll('](#', '](../configuration.md#').replaceAll(/\]\((?=[a-z-]+\.md)/g, '](../');
}
