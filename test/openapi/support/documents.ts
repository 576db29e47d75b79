import { readFileSync } from 'node:fs';
import type { OpenApiDocument } from '@latchkey/platform/openapi';

/** A document as it was committed. */
export function committedDocument(name: 'authorization-server' | 'resource-server'): OpenApiDocument {
  const file = new URL(`../../../docs/openapi/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as OpenApiDocument;
}

/** The same document without one of the statuses of an operation. */
export function without(
  document: OpenApiDocument,
  path: string,
  method: string,
  status: number,
): OpenApiDocument {
  const copy = structuredClone(document);
  const { responses } = copy.paths[path]?.[method] ?? { responses: {} };
  if (!Reflect.deleteProperty(responses, String(status))) throw new Error(`${path} has no ${status}`);
  return copy;
}
