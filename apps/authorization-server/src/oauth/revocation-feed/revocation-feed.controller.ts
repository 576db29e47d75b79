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
 * The revocation feed: revocations as server-sent events, for resource servers that cache introspection responses.
 * `@latchkey/contracts` describes the events.
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
    // The guard may have used its cache, so the credentials are read from the header, which is their only place here.
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

/** An invalid version counts as version 1, which uses names. */
function versionOf({ headers }: FastifyRequest): number {
  const version = headers[FEED_VERSION_HEADER];
  return typeof version === 'string' && /^\d{1,4}$/.test(version) ? Number(version) : 1;
}

/** From here on Fastify and its hooks do not touch the response, so the headers of the hooks are copied here. */
function respond(reply: FastifyReply): ServerResponse {
  const headers = reply.getHeaders() as OutgoingHttpHeaders;
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, {
    ...headers,
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    pragma: 'no-cache',
    // A keep-alive connection whose stream has ended would keep the server from stopping.
    connection: 'close',
    // A proxy must not buffer events.
    'x-accel-buffering': 'no',
  });
  raw.flushHeaders();
  return raw;
}
