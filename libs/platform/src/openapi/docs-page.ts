import { createHash } from 'node:crypto';
import type { OpenApiContent, OpenApiDocument, OpenApiOperation } from './document.js';
import type { JsonSchema } from './schema.js';

type Schemas = Readonly<Record<string, JsonSchema>>;

const STYLE = `
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
summary { cursor: pointer; padding: .3rem 0; }
code, pre { font-family: ui-monospace, monospace; font-size: .9em; }
pre { overflow-x: auto; background: #8881; padding: .7rem; }
table { border-collapse: collapse; }
td { border-top: 1px solid #8884; padding: .2rem 1rem .2rem 0; vertical-align: top; }
details { border-top: 1px solid #8884; }
details details { border: 0; }
`;

/** The page loads nothing and runs no script; only its own style applies. */
export const DOCS_PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The document as an HTML page, with one line per operation that opens to show the details. */
export function docsPage({ info, paths, components }: OpenApiDocument): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  );
  const tags = [...new Set(operations.flatMap(({ operation }) => operation.tags))];
  const sections = tags.map((tag) => {
    const own = operations.filter(({ operation }) => operation.tags.includes(tag));
    const lines = own.map(({ method, path, operation }) =>
      describe(method, path, operation, components.schemas),
    );
    return `<h2>${escapeHtml(tag)}</h2>${lines.join('')}`;
  });
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${escapeHtml(info.title)}</title><style>${STYLE}</style></head>
<body>
<h1>${escapeHtml(info.title)}</h1>
<p>Version ${escapeHtml(info.version)}. ${escapeHtml(info.description)}</p>
<p>For programs: <a href="/docs/openapi.json">openapi.json</a> (OpenAPI 3.1).</p>
${sections.join('\n')}
</body>
</html>
`;
}

function describe(method: string, path: string, operation: OpenApiOperation, schemas: Schemas): string {
  const { summary, security, parameters, requestBody, responses } = operation;
  const title = `<code><b>${method.toUpperCase()}</b> ${escapeHtml(path)}</code> ${escapeHtml(summary)}`;
  const access = security.flatMap((way) =>
    Object.entries(way).map(([name, scopes]) => [name, ...scopes].join(' ')),
  );
  const rows = parameters.map(({ name, in: place, required, description = '', schema }) =>
    row([name, `${place}${required ? ', required' : ''}`, description, JSON.stringify(schema)]),
  );
  const answers = Object.entries(responses).map(
    ([status, { description, content }]) =>
      `<tr><td><code>${status}</code></td><td>${escapeHtml(description)}${bodies(content, schemas)}</td></tr>`,
  );
  return folded(
    title,
    `<p>Access: ${escapeHtml(access.join(' or ') || 'everybody')}</p>
${rows.length > 0 ? `<table>${rows.join('')}</table>` : ''}
${requestBody ? `<p>Body${requestBody.required ? '' : ' (optional)'}</p>${bodies(requestBody.content, schemas)}` : ''}
<p>Answers</p><table>${answers.join('')}</table>`,
  );
}

function bodies(content: OpenApiContent = {}, schemas: Schemas): string {
  return Object.entries(content)
    .map(([type, { schema, example }]) => {
      const shown = example === undefined ? '' : typeof example === 'string' ? pre(example) : json(example);
      return folded(
        `<code>${escapeHtml(type)}</code>`,
        `${shown}${folded('Schema', json(resolved(schema, schemas)))}`,
      );
    })
    .join('');
}

/** The schema with all references resolved. */
function resolved(schema: unknown, schemas: Schemas): unknown {
  if (Array.isArray(schema)) return schema.map((item) => resolved(item, schemas));
  if (typeof schema !== 'object' || schema === null) return schema;
  const { $ref } = schema as JsonSchema;
  if (typeof $ref === 'string') return resolved(schemas[$ref.split('/').at(-1) ?? ''], schemas);
  return Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, resolved(value, schemas)]));
}

function folded(summary: string, content: string): string {
  return `<details><summary>${summary}</summary>${content}</details>`;
}

function row(cells: readonly string[]): string {
  return `<tr>${cells.map((cell) => `<td><code>${escapeHtml(cell)}</code></td>`).join('')}</tr>`;
}

function json(value: unknown): string {
  return pre(JSON.stringify(value, null, 2));
}

function pre(text: string): string {
  return `<pre>${escapeHtml(text)}</pre>`;
}

/** Escapes text for an element or an attribute. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
