import { Module } from '@nestjs/common';
import { DataKeysModule } from '../data-keys/data-keys.module.js';
import { LoginAttemptRepository } from './login-attempt-repository.js';
import { LoginAttempts } from './login-attempts.js';

@Module({
  imports: [DataKeysModule],
  providers: [LoginAttemptRepository, LoginAttempts],
  exports: [LoginAttempts],
})
export class LoginAttemptsModule {}
