// Asks the registry for known vulnerabilities of what is installed in production. Ends with 1 when there are any of
// level high or critical, and with 2 when the registry cannot be asked - or with 0 and the same words where
// AUDIT_OFFLINE=skip says that this is known.
import { spawnSync } from 'node:child_process';

const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], { encoding: 'utf8' });
const report = parse(stdout);
const found = report?.metadata?.vulnerabilities;
if (found === undefined) {
  const reason = report?.message ?? report?.error?.summary ?? 'no answer';
  console.error(`NOT CHECKED for vulnerabilities: the registry cannot be asked (${reason}).`);
  process.exitCode = process.env.AUDIT_OFFLINE === 'skip' ? 0 : 2;
} else {
  console.log(`Known vulnerabilities in production dependencies: ${JSON.stringify(found)}`);
  for (const [name, { severity, range }] of Object.entries(report.vulnerabilities)) {
    console.log(`  ${severity}: ${name} ${range}`);
  }
  process.exitCode = found.high + found.critical > 0 ? 1 : 0;
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
