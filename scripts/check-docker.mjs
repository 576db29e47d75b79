// Builds the images and tries both Compose files on a Docker engine, under names and ports of its own:
//
//   npm run check:docker
//
// Ends with status 0 when all is well, 1 when something is not, and 2 where there is no Docker engine to try it on.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chdir } from 'node:process';
import { fileURLToPath } from 'node:url';
import { checkDemo } from './docker/check-demo.mjs';
import { checkProduction } from './docker/check-production.mjs';
import { findCompose, Project } from './docker/engine.mjs';

chdir(fileURLToPath(new URL('..', import.meta.url)));

const { command, missing } = findCompose();
if (missing !== undefined) {
  console.error(`${missing} Nothing was checked.`);
  process.exit(2);
}

const directory = mkdtempSync(join(tmpdir(), 'latchkey-docker-'));
const projects = [];
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    cleanUp();
    process.exit(1);
  });
}

try {
  const demoPorts = await freePorts();
  await checkDemo(project('demo', 'docker-compose.yml', demoPorts), demoPorts, step);
  const ports = await freePorts();
  const production = project('production', 'docker-compose.production.yml', ports, join(directory, 'env'));
  await checkProduction(production, ports, directory, step);
  console.log(`All is well with ${command.join(' ')}.`);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  cleanUp();
}

function project(kind, file, ports, environmentFile) {
  const created = new Project(command, {
    name: `latchkey-check-${process.pid}-${kind}`,
    file,
    environmentFile,
    environment: {
      AUTHORIZATION_SERVER_PORT: String(ports.authorizationServer),
      RESOURCE_SERVER_PORT: String(ports.resourceServer),
    },
  });
  projects.push(created);
  return created;
}

async function step(title, work) {
  const start = performance.now();
  const result = await work();
  console.log(`ok  ${title} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
  return result;
}

async function freePorts() {
  return { authorizationServer: await freePort(), resourceServer: await freePort() };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer()
      .once('error', reject)
      .listen(0, '127.0.0.1', () => {
        const { port } = server.address();
        server.close(() => resolve(port));
      });
  });
}

function cleanUp() {
  while (projects.length > 0) projects.pop().remove();
  rmSync(directory, { recursive: true, force: true });
}
