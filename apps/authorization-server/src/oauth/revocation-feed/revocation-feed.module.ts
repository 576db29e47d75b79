import { Module } from '@nestjs/common';
import { ClientAuthenticationModule } from '../client-authentication/client-authentication.module.js';
import { SettingsModule } from '../../database/settings.js';
import { FeedLimits } from './feed-limits.js';
import { FeedMetrics } from './feed-metrics.js';
import { RevocationFeedController } from './revocation-feed.controller.js';
import { RevocationFeed } from './revocation-feed.js';

@Module({
  imports: [ClientAuthenticationModule, SettingsModule],
  controllers: [RevocationFeedController],
  providers: [FeedLimits, FeedMetrics, RevocationFeed],
})
export class RevocationFeedModule {}
