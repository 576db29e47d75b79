// Writes the software bill of materials of a release (CycloneDX 1.5); npm run check:docker compares it with the images:
//
//   npm run sbom -- FILE
//
// Its components are what package-lock.json installs in production, with version, licence and hash. Node.js, the system of
// the image and PostgreSQL are not among them: their images are named by digest. `npm sbom` leaves out a third of the
// packages of this repository (npm 11.19, those that several workspaces share), so the bill comes from the lock file.
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

const [file = 'latchkey.cdx.json'] = process.argv.slice(2);
const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const { '': root } = packages;

const components = new Map();
for (const [path, entry] of Object.entries(packages)) {
  if (!path.includes('node_modules/') || entry.dev || entry.link) continue;
  const component = toComponent(entry.name ?? path.replace(/^.*node_modules\//, ''), entry);
  components.set(component['bom-ref'], component);
}

const bill = {
  bomFormat: 'CycloneDX',
  specVersion: '1.5',
  serialNumber: `urn:uuid:${randomUUID()}`,
  version: 1,
  metadata: {
    timestamp: new Date().toISOString(),
    component: {
      type: 'application',
      'bom-ref': `${root.name}@${root.version}`,
      name: root.name,
      version: root.version,
      licenses: [{ license: { id: root.license } }],
    },
  },
  components: [...components.values()],
};
writeFileSync(file, `${JSON.stringify(bill, null, 2)}\n`);
console.log(`${file}: ${components.size} components`);

function toComponent(name, { version, integrity, license, optional }) {
  const [algorithm, digest] = integrity.split('-');
  if (algorithm !== 'sha512') throw new Error(`${name}@${version} has no SHA-512`);
  return {
    type: 'library',
    'bom-ref': `${name}@${version}`,
    name,
    version,
    scope: optional ? 'optional' : 'required',
    hashes: [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }],
    ...(license !== undefined && { licenses: [{ expression: license }] }),
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
  };
}
