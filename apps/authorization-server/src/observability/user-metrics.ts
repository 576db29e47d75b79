import { Injectable } from '@nestjs/common';
import { Gauge, Registry } from 'prom-client';
import { SecondFactorCoverage } from '../users/second-factor-coverage.js';

/** Shows a cached count: only the first request for metrics waits for it. */
@Injectable()
export class UserMetrics {
  constructor(coverage: SecondFactorCoverage, registry: Registry) {
    new Gauge({
      name: 'latchkey_enabled_users',
      help: 'Enabled users, by whether they have a second factor that can be asked for; counted now and then',
      labelNames: ['second_factor'],
      registers: [registry],
      async collect() {
        const latest = await coverage.latest();
        if (latest === null) return;
        const { users, withSecondFactor } = latest;
        this.set({ second_factor: 'yes' }, withSecondFactor);
        this.set({ second_factor: 'no' }, users - withSecondFactor);
      },
    });
  }
}
