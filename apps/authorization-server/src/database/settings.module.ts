import { Module } from '@nestjs/common';
import { DatabaseIdentity } from './database-identity.js';
import { SettingRepository } from './setting-repository.js';

@Module({ providers: [DatabaseIdentity, SettingRepository], exports: [DatabaseIdentity, SettingRepository] })
export class SettingsModule {}
