import { Module } from '@nestjs/common';
import { CacheMetrics } from './cache-metrics.js';
import { LifetimeReview } from './lifetime-review.js';

/** The parts that only a running server needs. */
@Module({ providers: [CacheMetrics, LifetimeReview] })
export class ChangeUpkeepModule {}
