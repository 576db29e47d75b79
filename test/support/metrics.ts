import type { INestApplication } from '@nestjs/common';
import { Registry } from 'prom-client';

/** A line of Prometheus' text format. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What the application tells of itself at this moment, as `/metrics` shows it. */
export async function samplesOf(application: INestApplication): Promise<Sample[]> {
  return parseSamples(await application.get(Registry).metrics());
}

/** The samples of a metric whose labels are these, and any others, added up; 0 where there are none. */
export async function metricOf(
  application: INestApplication,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<number> {
  return (await samplesOf(application))
    .filter((sample) => sample.name === name)
    .filter((sample) => Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
    .reduce((sum, { value }) => sum + value, 0);
}

/** Reads Prometheus' text format, version 0.0.4. */
export function parseSamples(text: string): Sample[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = '', labels = '', value = ''] = /^([\w:]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      return { name, labels: parseLabels(labels), value: Number(value.replace('Inf', 'Infinity')) };
    });
}

function parseLabels(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
  return Object.fromEntries(pairs.map(([, name = '', value = '']) => [name, value]));
}
