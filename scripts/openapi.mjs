// Writes the OpenAPI documents of both servers to docs/openapi, or checks (--check) that they are what the code says.
// Expects that the servers are built.
import 'reflect-metadata';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { authorizationServerDocument } from '../apps/authorization-server/dist/openapi/authorization-server-document.js';
import { resourceServerDocument } from '../apps/resource-server/dist/openapi/resource-server-document.js';

const FOLDER = fileURLToPath(new URL('../docs/openapi/', import.meta.url));
const check = process.argv.includes('--check');
const documents = {
  'authorization-server.json': authorizationServerDocument,
  'resource-server.json': resourceServerDocument,
};

mkdirSync(FOLDER, { recursive: true });
let stale = 0;
for (const [file, document] of Object.entries(documents)) {
  const path = FOLDER + file;
  const options = await resolveConfig(path);
  const text = await format(JSON.stringify(document), { ...options, parser: 'json' });
  if (!check) {
    writeFileSync(path, text);
  } else if (readFileSync(path, 'utf8') !== text) {
    console.error(
      `docs/openapi/${file} is not what the code says: npm run openapi, and look at the difference`,
    );
    stale++;
  }
}
if (stale > 0) process.exit(1);
