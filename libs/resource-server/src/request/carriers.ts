import type { ArgumentsHost } from '@nestjs/common';

/** The context of a call, for any transport. */
export type CallContext = Pick<ArgumentsHost, 'getType' | 'getArgByIndex'>;

/** Where GraphQL resolvers get their context; reference resolvers of federation get it in place of arguments. */
const GRAPHQL_CONTEXT = [2, 1];

/**
 * The object that stores the judgement and lives as long as it is valid: the HTTP request, also for GraphQL; the
 * connection of a GraphQL subscription; the socket; the context of a message. For calls of other libraries it is the
 * first argument.
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

/** `req` is set by Nest's drivers; subscriptions of mercurius have a `request`. */
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
