import { isAbsolute, resolve } from 'node:path';

export type DatabaseUrl = { dialect: 'sqlite'; path: string } | { dialect: 'postgres'; url: string };

/** Reads `sqlite:PATH` or `postgres://...`. `null` when it is neither. */
export function parseDatabaseUrl(value: string): DatabaseUrl | null {
  const path = /^sqlite:(?!:memory:)(.+)$/.exec(value)?.[1];
  if (path !== undefined) return { dialect: 'sqlite', path: isAbsolute(path) ? path : resolve(path) };
  if (/^postgres(ql)?:\/\//.test(value) && URL.canParse(value)) return { dialect: 'postgres', url: value };
  return null;
}
