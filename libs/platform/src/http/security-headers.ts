import type { FastifyReply, FastifyRequest } from 'fastify';

/** Nothing of an API is a page: whatever a browser makes of an answer, it loads and runs nothing, in no frame. */
const CONTENT_SECURITY_POLICY = "default-src 'none'; frame-ancestors 'none'";

/** A year, as browsers' lists ask for. The name's other hosts are not ours to decide about. */
const STRICT_TRANSPORT_SECURITY = 'max-age=31536000';

/**
 * Sets what every answer carries (OWASP's HTTP headers), refusals included: no cache keeps it (RFC 6749 section 5.1). A
 * page that is one sets its own policy before, and a controller whose answer is public its own `Cache-Control`.
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
