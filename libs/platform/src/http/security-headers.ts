import type { FastifyReply, FastifyRequest } from 'fastify';

/** API responses are not pages: if a browser shows one, it must load and run nothing, in no frame. */
const CONTENT_SECURITY_POLICY = "default-src 'none'; frame-ancestors 'none'";

/** One year, as browsers' preload lists require. Other hosts of the domain are not affected. */
const STRICT_TRANSPORT_SECURITY = 'max-age=31536000';

/**
 * Sets the security headers of every response, including refusals (OWASP's HTTP headers). Caches must not store
 * responses (RFC 6749 section 5.1). A page sets its own policy before, and a controller with a public response its own
 * `Cache-Control`.
 */
export function setSecurityHeaders(request: FastifyRequest, reply: FastifyReply): void {
  void reply.header('x-content-type-options', 'nosniff').header('referrer-policy', 'no-referrer');
  if (!reply.hasHeader('content-security-policy')) {
    void reply.header('content-security-policy', CONTENT_SECURITY_POLICY);
  }
  if (!reply.hasHeader('cache-control')) {
    void reply.header('cache-control', 'no-store').header('pragma', 'no-cache');
  }
  if (request.protocol === 'https') {
    void reply.header('strict-transport-security', STRICT_TRANSPORT_SECURITY);
  }
}
