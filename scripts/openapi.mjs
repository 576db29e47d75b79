// Writes the OpenAPI documents of both servers to docs/openapi, or checks (--check) that they are what the code says.
// Expects that the servers are built.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { openApiDocuments } from './support/openapi-documents.mjs';

const FOLDER = fileURLToPath(new URL('../docs/openapi/', import.meta.url));
const check = process.argv.includes('--check');

mkdirSync(FOLDER, { recursive: true });
let stale = 0;
for (const [name, document] of Object.entries(await openApiDocuments())) {
  const path = `${FOLDER}${name}.json`;
  const options = await resolveConfig(path);
  const text = await format(JSON.stringify(document), { ...options, parser: 'json' });
  if (!check) {
    writeFileSync(path, text);
  } else if (readFileSync(path, 'utf8') !== text) {
    console.error(
      `docs/openapi/${name}.json is not what the code says: npm run openapi, and look at the difference`,
    );
    stale++;
  }
}
if (stale > 0) process.exit(1);
