import type { ArgumentsHost } from '@nestjs/common';

/** What is known of a call, of whatever transport. */
export type CallContext = Pick<ArgumentsHost, 'getType' | 'getArgByIndex'>;

/** Where resolvers of GraphQL get their context; references of federation get it in place of arguments. */
const GRAPHQL_CONTEXT = [2, 1];

/**
 * The object that lives as long as what a token was judged for, and that the judgement is written on: the request of HTTP, also
 * below GraphQL; the connection of a GraphQL subscription; the socket; the context of a message. What other libraries call has its
 * first argument for it.
 */
export function carrierOf(context: CallContext): object | null {
  switch (context.getType<string>()) {
    case 'graphql':
      return graphqlRequest(context);
    case 'rpc':
      return asObject(context.getArgByIndex(1));
    default:
      return asObject(context.getArgByIndex(0));
  }
}

/** `req` is what Nest's drivers put there; subscriptions of mercurius have a `request`. */
function graphqlRequest(context: CallContext): object | null {
  for (const index of GRAPHQL_CONTEXT) {
    const { req, request } = (asObject(context.getArgByIndex(index)) ?? {}) as {
      req?: unknown;
      request?: unknown;
    };
    const found = asObject(req) ?? asObject(request);
    if (found !== null) return found;
  }
  return null;
}

export function asObject(value: unknown): object | null {
  return typeof value === 'object' && value !== null ? value : null;
}
