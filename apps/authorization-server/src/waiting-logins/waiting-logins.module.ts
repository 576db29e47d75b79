import { Module } from '@nestjs/common';
import { DataKeysModule } from '../data-keys/data-keys.module.js';
import { WaitingLoginRepository } from './waiting-login-repository.js';

@Module({
  imports: [DataKeysModule],
  providers: [WaitingLoginRepository],
  exports: [WaitingLoginRepository],
})
export class WaitingLoginsModule {}
