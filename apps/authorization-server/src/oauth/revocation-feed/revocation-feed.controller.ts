import { FEED_VERSION_HEADER } from '@latchkey/contracts';
import { Describe, DescribeAll, TEXT } from '@latchkey/platform/openapi';
import { Controller, Get, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Client } from '../../clients/client.js';
import { secretMatches } from '../../clients/client-secret-hash.js';
import { CLIENT_PART, MAY_NOT_INTROSPECT, RATED } from '../common/describe-oauth.js';
import { CurrentRequest, type RequestContext } from '../common/request-context.js';
import { ClientAuthenticator, type Peer } from '../client-authentication/client-authenticator.js';
import { readBasicCredentials, type ClientCredentials } from '../client-authentication/client-credentials.js';
import { ClientRates } from '../client-authentication/client-rates.js';
import { CurrentClient } from '../client-authentication/current-client.decorator.js';
import { FetchedClientEndpoint } from '../client-authentication/client-endpoint.decorator.js';
import { assertMayIntrospect } from '../introspection/may-introspect.js';
import { RevocationFeed, type Listener } from './revocation-feed.js';

const EXAMPLE_EVENT =
  'id: 17\nevent: user\ndata: {"sub":"0193a3b2-1111-7abc-8def-0123456789ab","epoch":4}\n\n';

/**
 * The revocation feed: what ends tokens, as server-sent events, for resource servers that remember what introspection
 * said. The events are described in `@latchkey/contracts`.
 */
@DescribeAll(CLIENT_PART)
@Controller('oauth/revocations')
export class RevocationFeedController {
  constructor(
    private readonly feed: RevocationFeed,
    private readonly authenticator: ClientAuthenticator,
    private readonly rates: ClientRates,
  ) {}

  @Get()
  @FetchedClientEndpoint()
  @Describe('The revocation feed: what ends tokens, as events for resource servers', {
    answer: TEXT,
    answerType: 'text/event-stream',
    answerExample: EXAMPLE_EVENT,
    meaning: 'Events without end',
    refusals: { ...MAY_NOT_INTROSPECT, ...RATED },
  })
  async followRevocations(
    @CurrentClient() client: Client,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @CurrentRequest() context: RequestContext,
  ): Promise<void> {
    assertMayIntrospect(client);
    await this.rates.takeTurn('feed', client, context.address);
    // The guard may have known the header by heart, and there is nothing but a header here.
    const credentials = readBasicCredentials(request.headers.authorization ?? '');
    await this.feed.open(
      { clientId: client.clientId, version: versionOf(request) },
      () =>
        this.#authenticateAgain(credentials, {
          address: context.address,
          arrivedAt: context.arrivedAt,
        }),
      () => respond(reply),
    );
  }

  async #authenticateAgain(credentials: ClientCredentials, peer: Peer): Promise<Listener> {
    const client = await this.authenticator.authenticate(credentials, peer);
    assertMayIntrospect(client);
    const { secret, asWritten } = credentials;
    const ends = client.secrets
      .filter(({ hash }) => [secret, asWritten?.secret].some((text) => secretMatches(text ?? '', hash)))
      .map(({ expiresAt }) => expiresAt ?? Infinity);
    const last = Math.max(...ends);
    return { client, secretExpiresAt: Number.isFinite(last) ? last : null };
  }
}

/** What is no version is one that reads names. */
function versionOf({ headers }: FastifyRequest): number {
  const version = headers[FEED_VERSION_HEADER];
  return typeof version === 'string' && /^\d{1,4}$/.test(version) ? Number(version) : 1;
}

/** From here on Fastify leaves the response alone, its hooks included; what they add to others is added here. */
function respond(reply: FastifyReply): ServerResponse {
  const headers = reply.getHeaders() as OutgoingHttpHeaders;
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, {
    ...headers,
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    pragma: 'no-cache',
    // Kept alive, a connection whose stream has ended would keep the server from stopping.
    connection: 'close',
    // A proxy that gathers events would keep them from their reader.
    'x-accel-buffering': 'no',
  });
  raw.flushHeaders();
  return raw;
}
