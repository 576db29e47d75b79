import { Module } from '@nestjs/common';
import { CacheMetrics } from './cache-metrics.js';
import { LifetimeReview } from './lifetime-review.js';

/** What only a running server does about changes. */
@Module({ providers: [CacheMetrics, LifetimeReview] })
export class ChangeUpkeepModule {}
