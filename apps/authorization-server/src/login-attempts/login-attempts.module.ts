import { Module } from '@nestjs/common';
import { DataKeysModule } from '../data-keys/data-keys.module.js';
import { LoginAttempts } from './login-attempts.js';

@Module({
  imports: [DataKeysModule],
  providers: [LoginAttempts],
  exports: [LoginAttempts],
})
export class LoginAttemptsModule {}
