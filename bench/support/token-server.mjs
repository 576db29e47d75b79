// Stands in for the authorization server where only the guard is measured: signs tokens (GET /tokens?count=), answers
// introspection by what they say, tells of no revocations.
import { createServer } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

const { privateKey, publicKey } = await generateKeyPair('ES256');
const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'key', alg: 'ES256', use: 'sig' }] };

function sign(index) {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({
    iss: 'https://as.example',
    aud: 'https://api.example',
    sub: `owner-${index}`,
    client_id: 'client',
    scope: 'read',
    sid: `session-${index}`,
    jti: `token-${index}`,
    iat: now,
    exp: now + 7200,
    auth_time: now,
  })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'key' })
    .sign(privateKey);
}

function introspect(body) {
  const token = new URLSearchParams(body).get('token');
  const claims = JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());
  return { active: true, token_type: 'Bearer', client_epoch: 1, user_epoch: 1, ...claims };
}

function stream(response) {
  let count = 0;
  const send = (event, data) =>
    response.write(`id: bench:${++count}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  send('snapshot', { now: Date.now(), max_token_lifetime: 7200, heartbeat_interval: 1000 });
  send('live', { now: Date.now() });
  const heartbeats = setInterval(() => send('heartbeat', { now: Date.now() }), 1000);
  response.on('close', () => clearInterval(heartbeats));
}

createServer(async (request, response) => {
  const url = new URL(request.url, 'http://localhost');
  if (url.pathname === '/revocations') return stream(response);
  let body = '';
  for await (const chunk of request) body += chunk;
  const answer = {
    '/tokens': () =>
      Promise.all(Array.from({ length: Number(url.searchParams.get('count')) }, (_, i) => sign(i))),
    '/introspect': () => introspect(body),
    '/jwks': () => jwks,
  }[url.pathname];
  const json = JSON.stringify((await answer?.()) ?? {});
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(json) });
  response.end(json);
}).listen(Number(process.env.PORT), '127.0.0.1');
