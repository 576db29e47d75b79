import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const ISSUER = 'https://as.example';
export const AUDIENCE = 'https://api.example';

/** @param token that was asked about */
export type Answer = (response: ServerResponse, request: IncomingMessage, token: string) => void;

/**
 * Stands in for any RFC 7662 server: answers a token with the claims it was given for it, and misbehaves on request.
 */
export class IntrospectionServer {
  /** Bodies of the requests, and their Authorization headers. */
  readonly asked: { body: URLSearchParams; authorization: string | undefined }[] = [];
  readonly sockets = new Set<unknown>();

  readonly #claims = new Map<string, Record<string, unknown>>();
  #misbehaviour: Answer | null = null;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<IntrospectionServer> {
    const server = createServer();
    const introspection = new IntrospectionServer(server);
    server.on('connection', (socket) => introspection.sockets.add(socket));
    server.on('request', (request, response) => void introspection.#handle(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return introspection;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Makes a token known; `changes` replace or (with `undefined`) remove claims. */
  token(token: string, changes: Record<string, unknown> = {}): string {
    this.#claims.set(token, {
      active: true,
      sub: 'alice',
      username: 'alice',
      client_id: 'shop-backend',
      scope: 'read',
      token_type: 'Bearer',
      exp: Math.floor(Date.now() / 1000) + 300,
      iss: ISSUER,
      aud: AUDIENCE,
      sid: 'session-1',
      ...changes,
    });
    return token;
  }

  /** What a token is answered with. */
  claims(token: string): Record<string, unknown> {
    return this.#claims.get(token) ?? { active: false };
  }

  /** From now on every request is answered like this; `null` ends it. */
  misbehave(answer: Answer | null): void {
    this.#misbehaviour = answer;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const body = new URLSearchParams(text);
    this.asked.push({ body, authorization: request.headers.authorization });
    const token = body.get('token') ?? '';
    if (this.#misbehaviour) return this.#misbehaviour(response, request, token);
    answerJson(response, this.claims(token));
  }
}

export function answerJson(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
