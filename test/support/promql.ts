import { parser } from '@prometheus-io/lezer-promql';

/** What an expression asks for. */
interface PromqlQuery {
  readonly metrics: readonly string[];
  /** Label names in matchers and groupings. */
  readonly labels: readonly string[];
  /** Matchers that want one value. */
  readonly values: readonly { readonly label: string; readonly value: string }[];
}

/** @throws Error when it is no PromQL */
export function parsePromql(expression: string): PromqlQuery {
  // What Grafana puts in before it asks.
  const text = expression.replaceAll('$__rate_interval', '5m');
  const metrics: string[] = [];
  const labels: string[] = [];
  const values: { label: string; value: string }[] = [];
  parser.parse(text).iterate({
    enter(node) {
      const content = text.slice(node.from, node.to);
      if (node.type.isError) throw new Error(`${expression} is no PromQL at ${node.from}`);
      if (node.name === 'Identifier') metrics.push(content);
      if (node.name === 'LabelName') labels.push(content);
      const [, label, value] = /^(\w+)\s*=\s*"(.*)"$/s.exec(content) ?? [];
      if (node.name === 'UnquotedLabelMatcher' && label !== undefined && value !== undefined) {
        values.push({ label, value });
      }
    },
  });
  return { metrics, labels, values };
}
