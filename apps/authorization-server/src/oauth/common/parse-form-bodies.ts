import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { FormParameters } from './form-parameters.js';
import { OAuthError } from './oauth-error.js';

const FORM = 'application/x-www-form-urlencoded';

/** Makes forms the only bodies that the server reads: strictly, and in UTF-8 (RFC 6749 section 3.2, appendix B). */
export function parseFormBodies(application: NestFastifyApplication): void {
  const fastify = application.getHttpAdapter().getInstance();
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser<Buffer>(
    FORM,
    { parseAs: 'buffer' },
    async (request: { headers: { 'content-type'?: string } }, body: Buffer) => {
      assertUtf8(request.headers['content-type'] ?? '');
      return FormParameters.parse(body);
    },
  );
}

function assertUtf8(contentType: string): void {
  const charset = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(contentType)?.[1];
  if (charset !== undefined && !/^utf-?8$/i.test(charset)) {
    throw OAuthError.invalidRequest('The body must be in UTF-8');
  }
}
