import { Global, Module } from '@nestjs/common';
import { SettingsModule } from '../database/settings.js';
import { Caches } from './caches.js';
import { ChangeLog } from './change-log.js';
import { Changes } from './changes.js';
import { LongestTokenLifetime } from './longest-token-lifetime.js';

/** What changes, told to all servers and followed by their caches. */
@Global()
@Module({
  imports: [SettingsModule],
  providers: [Caches, ChangeLog, Changes, LongestTokenLifetime],
  exports: [Caches, ChangeLog, Changes, LongestTokenLifetime],
})
export class ChangesModule {}
