import { readFileSync } from 'node:fs';
import { decodeText, NOT_UTF8 } from './decode-text.js';

/** Larger than any secret, so that a wrong path does not fill the memory. */
const MAX_BYTES = 65_536;

interface SecretFiles {
  /** The environment with the content of `NAME_FILE` as `NAME`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** By variable, the problem with its file; never its content. */
  readonly problems: ReadonlyMap<string, string>;
}

/**
 * Reads secrets from files: `NAME_FILE` is the path of a file with the value of `NAME`. Docker and Kubernetes pass
 * secrets in this way, so that they do not show in the environment of a process. Only the given variables are read,
 * because names such as `SSL_CERT_FILE` mean something else.
 */
export function readSecretFiles(
  environment: Readonly<Record<string, string | undefined>>,
  names: readonly string[],
): SecretFiles {
  const values: Record<string, string> = {};
  const problems = new Map<string, string>();
  for (const name of names) {
    const path = environment[`${name}_FILE`];
    if (!path) continue;
    if (environment[name]) {
      problems.set(name, `and ${name}_FILE are both set: choose one`);
      continue;
    }
    const content = readSecret(path);
    if ('problem' in content) problems.set(name, `cannot be taken from ${name}_FILE: ${content.problem}`);
    else values[name] = content.value;
  }
  return { environment: { ...environment, ...values }, problems };
}

function readSecret(path: string): { value: string } | { problem: string } {
  let content: Buffer;
  try {
    content = readFileSync(path);
  } catch (error) {
    // The error code is enough. The message would repeat the path, which may be a secret in the wrong variable.
    return {
      problem: `the file cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`,
    };
  }
  if (content.length > MAX_BYTES) return { problem: 'the file is too large for a secret' };
  const value = decodeText(content)?.replace(/\r?\n$/, '');
  if (value === undefined) return { problem: `the file ${NOT_UTF8}` };
  return value === '' ? { problem: 'the file is empty' } : { value };
}
