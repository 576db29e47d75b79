import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { MetricsModule } from '@latchkey/platform/metrics';
import { FreshnessStatus } from '@latchkey/resource-server';
import { Registry, type MetricObjectWithValues, type MetricValue } from 'prom-client';
import { parse } from 'yaml';
import { ALICE, SHOP } from '../support/builders.js';
import { DIALECTS } from '../support/databases.js';
import { eventually } from '../support/eventually.js';
import { api, send } from '../support/http.js';
import { parseSamples, type Sample } from '../support/metrics.js';
import { parsePromql } from '../support/promql.js';
import { expectSession } from '../support/sessions.js';
import { startStack, type Stack } from '../support/stack.js';

const DOCS = new URL('../../docs/', import.meta.url);

/** What Prometheus adds to each sample. */
const SCRAPED = ['instance', 'job'];

/** Shown only once something has happened that a test does not wait for. */
const UNDRIVEN = new Set(['latchkey_cleanup_rows_total']);

interface Dashboard {
  panels: { title: string; type: string; targets?: { expr: string }[] }[];
}

interface AlertRules {
  groups: {
    rules: {
      alert: string;
      expr: string;
      annotations: Record<string, string>;
      labels: Record<string, string>;
    }[];
  }[];
}

/** A little of everything, so that every metric has something to tell. */
async function drive(stack: Stack): Promise<void> {
  await eventually(() => expect(stack.resourceServer?.get(FreshnessStatus).feedState).toBe('live'));
  const session = expectSession(await stack.login(ALICE));
  await stack.login({ ...ALICE, password: 'wrong' });
  await stack.login(ALICE, {}, { ...SHOP, secret: 'wrong' });
  const refreshed = expectSession(await stack.refresh(session.refresh_token));
  await stack.introspect(refreshed.access_token);
  await api('GET', stack.resources, refreshed.access_token);
  await stack.revoke(refreshed.refresh_token);
}

/** What somebody who scrapes the port of the metrics gets. */
async function scrape(application: INestApplication): Promise<string> {
  return (await send(application.get(MetricsModule).url ?? '')).text;
}

type Described = MetricObjectWithValues<MetricValue<string>> & { labelNames?: string[] };

function describeMetric({ name, type, help }: Described, labels: readonly string[]): string {
  return `| \`${name}\` | ${String(type)} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`;
}

/** Without the padding that makes columns. */
const squeeze = (line: string): string => line.replaceAll(/ +/g, ' ');

describe('Monitoring', () => {
  const samples: Sample[] = [];
  const rows = new Map<string, string>();
  let documentation: string;
  let expressions: { where: string; expr: string }[];
  let rules: AlertRules['groups'][number]['rules'];

  beforeAll(async () => {
    for (const dialect of DIALECTS) {
      const stack = await startStack(dialect, { resourceServer: true, environment: { METRICS_PORT: '0' } });
      try {
        await drive(stack);
        for (const application of [stack.application, stack.resourceServer]) {
          if (application === null) continue;
          samples.push(...parseSamples(await scrape(application)));
          const registry = application.get(Registry);
          for (const metric of registry.getMetricsAsArray()) {
            const { labelNames = [] } = metric as unknown as Described;
            rows.set(metric.name, describeMetric(metric as unknown as Described, labelNames));
          }
        }
      } finally {
        await stack.stop();
      }
    }
    documentation = await readFile(new URL('monitoring.md', DOCS), 'utf8');
    const dashboard = JSON.parse(
      await readFile(new URL('monitoring/grafana-dashboard.json', DOCS), 'utf8'),
    ) as Dashboard;
    const alerts = parse(
      await readFile(new URL('monitoring/prometheus-alerts.yaml', DOCS), 'utf8'),
    ) as AlertRules;
    rules = alerts.groups.flatMap((group) => group.rules);
    expressions = [
      ...dashboard.panels.flatMap(({ title, targets = [] }) =>
        targets.map(({ expr }) => ({ where: title, expr })),
      ),
      ...rules.map(({ alert, expr }) => ({ where: alert, expr })),
    ];
  }, 60_000);

  afterAll(() => {
    samples.length = 0;
  });

  it('asks for metrics and labels that a running server shows', () => {
    expect(expressions.length).toBeGreaterThan(30);
    const shown = new Map<string, Sample[]>();
    for (const sample of samples) shown.set(sample.name, [...(shown.get(sample.name) ?? []), sample]);
    const problems = expressions.flatMap(({ where, expr }) => {
      const { metrics, labels, values } = parsePromql(expr);
      if (metrics.some((name) => UNDRIVEN.has(name))) return [];
      const missing = metrics.filter((name) => !shown.has(name));
      const found = metrics.flatMap((name) => shown.get(name) ?? []);
      const known = new Set([...SCRAPED, ...found.flatMap(({ labels: own }) => Object.keys(own))]);
      const has = (label: string, value: string) => found.some(({ labels: own }) => own[label] === value);
      return [
        ...missing.map((name) => `${where}: no ${name}`),
        ...labels.filter((label) => !known.has(label)).map((label) => `${where}: no label ${label}`),
        // A server that is well has no such answers.
        ...values
          .filter(({ label, value }) => value !== '5xx' && !has(label, value))
          .map(({ label, value }) => `${where}: no ${label}="${value}"`),
      ];
    });
    expect(problems).toEqual([]);
  });

  it('shows every metric on the dashboard or has a rule for it', () => {
    const used = new Set(expressions.flatMap(({ expr }) => parsePromql(expr).metrics));
    const base = (name: string) => name.replace(/_(bucket|count|sum)$/, '');
    const shown = new Set([...used].map(base));
    const ours = [...rows.keys()].filter((name) => name.startsWith('latchkey_'));
    expect(ours.filter((name) => !shown.has(name))).toEqual([]);
  });

  it('has rules that say what happened, how bad it is, and what to do', () => {
    expect(rules.length).toBeGreaterThan(10);
    for (const { alert, annotations, labels } of rules) {
      expect(alert).toMatch(/^Latchkey[A-Z]/);
      expect(labels.severity).toMatch(/^(warning|critical)$/);
      expect(annotations.summary?.length).toBeGreaterThan(10);
      expect(annotations.runbook?.length).toBeGreaterThan(40);
      expect(documentation).toContain(`\`${alert}\``);
    }
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  });

  it('is documented as the server describes itself', () => {
    const documented = documentation.split('\n').filter((line) => line.startsWith('| `latchkey_'));
    const expected = [...rows.values()].map(squeeze);
    expect(expected.filter((row) => !documented.map(squeeze).includes(row))).toEqual([]);
    const nameOf = (row: string) => /`(\w+)`/.exec(row)?.[1] ?? '';
    expect(documented.map(nameOf).filter((name) => !rows.has(name))).toEqual([]);
  });
});
