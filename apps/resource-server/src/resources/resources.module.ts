import { Module } from '@nestjs/common';
import { ResourceRepository } from './resource-repository.js';
import { ResourcesController } from './resources.controller.js';
import { ResourcesService } from './resources.service.js';
import { SqlResourceRepository } from './sql-resource-repository.js';

@Module({
  controllers: [ResourcesController],
  providers: [ResourcesService, { provide: ResourceRepository, useClass: SqlResourceRepository }],
})
export class ResourcesModule {}
