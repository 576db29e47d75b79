import { openApiDocuments } from '../support/openapi-documents.mjs';
import { code, page, table } from './markdown.mjs';

/** docs/reference/endpoints.md: every route of both servers, from their OpenAPI documents. */
export async function endpointsPage() {
  const documents = Object.values(await openApiDocuments());
  return page(
    'Endpoints',
    'Every route of both servers. What the administration API has in common: [administration API](../admin-api.md). Parameters, bodies and refusals are in the [OpenAPI documents](../openapi).',
    documents.flatMap(({ info, paths }) => [
      `## ${info.title}`,
      table(['route', 'access', 'what it does'], rows(paths)),
    ]),
  );
}

function rows(paths) {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security, summary }]) => [
      code(`${method.toUpperCase()} ${path}`),
      accessOf(security),
      summary,
    ]),
  );
}

/** Who may ask: the administration API takes the scope that changes an area also for reading it. */
function accessOf([way]) {
  if (way === undefined) return 'anybody';
  if (way.mfaToken !== undefined) return 'the holder of an `mfa_token`';
  if (way.bearer === undefined) return 'a client';
  const holder = way.bearer.some((scope) => scope.startsWith('admin:')) ? 'a client' : 'a resource owner';
  return `${holder} with ${way.bearer.map(code).join(', ')}`;
}
