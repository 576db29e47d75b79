/** How a template of a rule and the template of a route compare. */
export type Coverage = 'covered' | 'overlapping' | 'apart';

interface Segment {
  /** `rest`: this and all that follows, also nothing at all. */
  readonly kind: 'literal' | 'parameter' | 'rest';
  readonly text: string;
}

/**
 * A path with placeholders, as routes are declared: `/users/:id/files/*`. Understands what Fastify's and Express's routers
 * do, as far as it matters here: anything in a segment that is not plain text makes it a placeholder.
 */
export class RouteTemplate {
  readonly #segments: readonly Segment[];

  constructor(readonly text: string) {
    // `{/:id}` and `/:id?` may be missing, so that the rest of the path is open from there on.
    const optional = text.search(/\{|\/:[^/]*\?/);
    const certain = optional < 0 ? text : text.slice(0, optional);
    const segments = certain
      .split('/')
      .filter((segment) => segment !== '')
      .map(toSegment);
    this.#segments = optional < 0 ? segments : [...segments, { kind: 'rest', text: '*' }];
  }

  /**
   * Compares as a rule with a route. A placeholder of the rule covers any segment there; text covers the same text only,
   * letter by letter. `overlapping`: the route answers some of the paths that the rule describes, and others too.
   */
  compare(route: RouteTemplate): Coverage {
    let coverage: Coverage = 'covered';
    for (let index = 0; ; index++) {
      const [mine, other] = [this.#segments[index], route.#segments[index]];
      if (mine?.kind === 'rest') return coverage;
      if (other?.kind === 'rest') return 'overlapping';
      if (mine === undefined || other === undefined) return mine === other ? coverage : 'apart';
      if (mine.kind === 'parameter') continue;
      if (other.kind === 'parameter') coverage = 'overlapping';
      else if (mine.text !== other.text) return 'apart';
    }
  }
}

function toSegment(text: string): Segment {
  if (text.startsWith('*')) return { kind: 'rest', text };
  return { kind: /[:*(){}?+!\\]/.test(text) ? 'parameter' : 'literal', text };
}
