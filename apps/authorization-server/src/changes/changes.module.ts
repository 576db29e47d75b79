import { Global, Module } from '@nestjs/common';
import { SettingsModule } from '../database/settings.js';
import { Caches } from './caches.js';
import { ChangePublisher } from './change-publisher.js';
import { ReceivedChanges } from './received-changes.js';
import { LongestTokenLifetime } from './longest-token-lifetime.js';

/** Notifications of changes between the servers of an installation, and the caches that follow them. */
@Global()
@Module({
  imports: [SettingsModule],
  providers: [Caches, ChangePublisher, ReceivedChanges, LongestTokenLifetime],
  exports: [Caches, ChangePublisher, ReceivedChanges, LongestTokenLifetime],
})
export class ChangesModule {}
