import { Global, Module } from '@nestjs/common';
import { SettingsModule } from '../database/installation-info.js';
import { Caches } from './caches.js';
import { ChangePublisher } from './change-publisher.js';
import { ReceivedChanges } from './received-changes.js';
import { LongestTokenLifetime } from './longest-token-lifetime.js';

/** What changes, told to all servers and followed by their caches. */
@Global()
@Module({
  imports: [SettingsModule],
  providers: [Caches, ChangePublisher, ReceivedChanges, LongestTokenLifetime],
  exports: [Caches, ChangePublisher, ReceivedChanges, LongestTokenLifetime],
})
export class ChangesModule {}
