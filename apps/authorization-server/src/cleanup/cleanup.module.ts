import { Module } from '@nestjs/common';
import { CleanupService } from './cleanup.service.js';
import { ExpiredRowsRepository } from './expired-rows-repository.js';

@Module({ providers: [CleanupService, ExpiredRowsRepository] })
export class CleanupModule {}
