#!/usr/bin/env node
// The command line. Committed as it is, because npm links it before anything is built.
import { existsSync } from 'node:fs';

const main = new URL('../dist/cli/main.js', import.meta.url);

if (existsSync(main)) {
  await import(main.href);
} else {
  process.stderr.write('latchkey is not built yet: run `npm run build` first.\n');
  process.exitCode = 1;
}
