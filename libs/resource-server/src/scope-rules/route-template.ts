/** The result of comparing the template of a rule with that of a route. */
type Coverage = 'covered' | 'overlapping' | 'apart';

interface Segment {
  /** `rest`: this segment and all that follow, or none. */
  readonly kind: 'literal' | 'parameter' | 'rest';
  readonly text: string;
}

/**
 * A path with placeholders, as routes are declared: `/users/:id/files/*`. It understands the syntax of Fastify's and
 * Express's routers as far as needed: a segment that is not plain text is a placeholder.
 */
export class RouteTemplate {
  readonly #segments: readonly Segment[];

  constructor(readonly text: string) {
    // `{/:id}` and `/:id?` are optional, so the path can have any rest from there on.
    const optional = text.search(/\{|\/:[^/]*\?/);
    const certain = optional < 0 ? text : text.slice(0, optional);
    const segments = certain
      .split('/')
      .filter((segment) => segment !== '')
      .map(toSegment);
    this.#segments = optional < 0 ? segments : [...segments, { kind: 'rest', text: '*' }];
  }

  /**
   * Compares a rule with a route. A placeholder of the rule covers any segment; text covers only the same text,
   * character by character. `overlapping`: the route answers some of the rule's paths, and others too.
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
