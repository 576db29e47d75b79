import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get } from '@nestjs/common';
import { context as otelContext, trace, type Context, type ContextManager } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import {
  GuardHealth,
  openTelemetryObserver,
  prometheusObserver,
  Public,
  RequireScopes,
  type GuardDecision,
  type GuardObserver,
} from '@latchkey/resource-server';
import * as client from 'prom-client';
import { eventually } from '../support/eventually.js';
import { IntrospectionServer } from './support/introspection-server.js';
import { PLATFORMS, startApplication, type ProtectedApplication } from './support/protected-application.js';

@Controller()
class NotesController {
  @Get()
  read() {
    return {};
  }

  @Get('write')
  @RequireScopes('write')
  write() {
    return {};
  }

  @Get('public')
  @Public()
  open() {
    return {};
  }
}

describe.each(PLATFORMS)('Observers of the guard, on %s', (platform) => {
  let authorizationServer: IntrospectionServer;
  let application: ProtectedApplication;
  let health: GuardHealth;

  const start = async (...observers: GuardObserver[]) => {
    application = await startApplication(
      [NotesController],
      {
        introspectionEndpoint: authorizationServer.url,
        observers,
        circuitBreaker: { failureThreshold: 1, openMs: 60_000 },
        cache: { negativeTtlMs: 0 },
      },
      (nest) => (health = nest.get(GuardHealth)),
      { platform },
    );
  };
  /** One request of each outcome. */
  const play = async () => {
    authorizationServer.token('good-token-of-alice');
    const statuses = [];
    for (const [path, token] of [
      ['/', 'good-token-of-alice'],
      ['/', undefined],
      ['/', 'made-up'],
      ['/write', 'good-token-of-alice'],
      ['/public', undefined],
    ] as const) {
      statuses.push((await application.call(path, token)).status);
    }
    authorizationServer.misbehave((response) => response.writeHead(500).end());
    statuses.push((await application.call('/', 'another')).status);
    authorizationServer.misbehave(null);
    expect(statuses).toEqual([200, 401, 401, 403, 200, 503]);
  };

  beforeAll(async () => {
    authorizationServer = await IntrospectionServer.start();
  });

  afterEach(() => application.close());

  afterAll(() => authorizationServer.stop());

  it('are told of each decision, by outcome and reason, and of nothing of a token', async () => {
    const decisions: GuardDecision[] = [];
    const throwing = {
      decided: () => {
        throw new Error('out of order');
      },
    };
    const rejecting = { decided: () => Promise.reject(new Error('not sent')) };
    await start(throwing, rejecting, { decided: (decision) => void decisions.push(decision) });
    await play();
    expect(decisions.map(({ outcome, reason, handler }) => [outcome, reason, handler])).toEqual([
      ['accepted', null, 'NotesController.read'],
      ['refused', 'no_token', 'NotesController.read'],
      ['refused', 'inactive', 'NotesController.read'],
      ['refused', 'scope', 'NotesController.write'],
      ['public', null, 'NotesController.open'],
      ['unavailable', 'unavailable', 'NotesController.read'],
    ]);
    expect(decisions.every(({ durationMs, startedAt }) => durationMs >= 0 && startedAt <= Date.now())).toBe(
      true,
    );
    expect(JSON.stringify(decisions)).not.toMatch(/alice|made-up|another/);
  });

  it('can be prom-client', async () => {
    client.register.clear();
    // Of another application in the process.
    const other = prometheusObserver(client);
    await start(prometheusObserver(client));
    await play();
    const metrics = await client.register.metrics();
    expect(metrics).toContain('latchkey_guard_decisions_total{outcome="accepted",reason=""} 1');
    expect(metrics).toContain('latchkey_guard_decisions_total{outcome="refused",reason="inactive"} 1');
    expect(metrics).toContain('latchkey_guard_decision_seconds_count{outcome="refused"} 3');
    expect(metrics).not.toMatch(/alice|made-up|another/);
    other.decided({ outcome: 'accepted', reason: null, handler: 'A.b', startedAt: 0, durationMs: 1 });
    expect(await client.register.metrics()).toContain('total{outcome="accepted",reason=""} 2');
  });

  it('can be OpenTelemetry, inside of the span of the request', async () => {
    const spans = new InMemorySpanExporter();
    const tracer = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }).getTracer(
      't',
    );
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 });
    const meters = new MeterProvider({ readers: [reader] });
    const parent = tracer.startSpan('request');
    otelContext.setGlobalContextManager(always(trace.setSpan(otelContext.active(), parent)));
    await start(openTelemetryObserver({ tracer, meter: meters.getMeter('t') }));
    await play();
    otelContext.disable();
    const found = spans.getFinishedSpans();
    expect(found.map(({ name, attributes, status }) => [name, attributes, status.code])).toEqual([
      ...[
        ['accepted', undefined, 'read'],
        ['refused', 'no_token', 'read'],
        ['refused', 'inactive', 'read'],
        ['refused', 'scope', 'write'],
        ['public', undefined, 'open'],
        ['unavailable', 'unavailable', 'read'],
      ].map(([outcome, reason, handler]) => [
        'latchkey.guard',
        {
          'latchkey.outcome': outcome,
          ...(reason && { 'latchkey.reason': reason }),
          'code.function.name': `NotesController.${handler}`,
        },
        outcome === 'unavailable' ? 2 : 0,
      ]),
    ]);
    expect(new Set(found.map(({ parentSpanContext }) => parentSpanContext?.spanId))).toEqual(
      new Set([parent.spanContext().spanId]),
    );
    await reader.forceFlush();
    const names = exporter
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics))
      .map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints.length]);
    expect(names).toEqual([
      ['latchkey.guard.decisions', 6],
      ['latchkey.guard.duration', 6],
    ]);
    await meters.shutdown();
  });

  it('has a health check in the form of Terminus', async () => {
    await start();
    expect(health.check('tokens')).toEqual({
      tokens: { status: 'up', feed: 'off', introspection: 'closed' },
    });
    await play();
    await eventually(() =>
      expect(health.check('tokens')).toEqual({
        tokens: { status: 'down', feed: 'off', introspection: 'open' },
      }),
    );
  });
});

/** One context for everything, where a real one follows asynchronous calls. */
function always(active: Context): ContextManager {
  return {
    active: () => active,
    with: (_, fn, thisArg, ...args) => fn.call(thisArg as never, ...args),
    bind: (_, target) => target,
    enable() {
      return this;
    },
    disable() {
      return this;
    },
  };
}
