// Puts the built authorization server into two files, the server and its hash worker: reading some 2,500 modules is
// most of what a start costs. What cannot be bundled is still read from node_modules: native modules, Piscina, which
// starts a file of its own, and passport-http, for whose `new Buffer` Node.js would warn anywhere else. So is what the first
// passkey needs, 0.7 MB that an installation without passkeys would keep in memory, and what sends mail.
//
//   npm run build:bundle, then: node apps/authorization-server/dist/bundle/main.js
import { readFile, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';

const APPLICATION = 'apps/authorization-server/dist';
const NOT_BUNDLED = [
  'better-sqlite3',
  '@node-rs/argon2',
  'passport-http',
  'piscina',
  '@simplewebauthn/server',
  'nodemailer',
];

/** Nest and TypeORM ask for many packages that are only needed by those who have installed them. */
const optionalPackages = {
  name: 'optional-packages',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^[^./]/ }, async ({ path, pluginData, ...options }) => {
      if (pluginData === 'resolving') return undefined;
      const found = await resolve(path, { ...options, pluginData: 'resolving' });
      return found.errors.length > 0 ? { path, external: true } : found;
    });
  },
};

/** @type {import('esbuild').BuildOptions} */
const common = {
  outdir: `${APPLICATION}/bundle`,
  bundle: true,
  platform: 'node',
  target: 'node20',
  minifySyntax: true,
  minifyWhitespace: true,
  external: NOT_BUNDLED,
};

await build({
  ...common,
  entryPoints: [`${APPLICATION}/passwords/hash-worker.cjs`],
  outExtension: { '.js': '.cjs' },
  format: 'cjs',
});

// Without `keepNames`, which defines the name of each function whenever it is made: a quarter of the time of an
// introspection. A class whose name another one has too is called `Name2` here; nothing goes by these names.
await build({
  ...common,
  entryPoints: [`${APPLICATION}/main.js`],
  format: 'esm',
  plugins: [optionalPackages],
  // What CommonJS modules take for granted.
  banner: {
    js: [
      `import { createRequire as bundleCreateRequire } from 'node:module';`,
      `import { dirname as bundleDirname } from 'node:path';`,
      `import { fileURLToPath as bundleFileURLToPath } from 'node:url';`,
      `const require = bundleCreateRequire(import.meta.url);`,
      `const __filename = bundleFileURLToPath(import.meta.url);`,
      `const __dirname = bundleDirname(__filename);`,
    ].join('\n'),
  },
});

// One letter beyond Latin-1 makes V8 keep all of the text, which it does for as long as the server runs, in two bytes a letter: 8 MiB.
// esbuild writes escapes in strings, and leaves regular expressions as they are, those of other alphabets in "validator" among them.
const bundle = `${APPLICATION}/bundle/main.js`;
const text = await readFile(bundle, 'utf8');
await writeFile(
  bundle,
  text.replaceAll(/[^\0-\x7f]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`),
);
