import { Global, Module, type DynamicModule } from '@nestjs/common';
import { Database } from '@latchkey/platform/database';

/** Gives the application its open database. */
@Global()
@Module({})
export class DatabaseModule {
  static forRoot(database: Database): DynamicModule {
    return {
      module: DatabaseModule,
      providers: [{ provide: Database, useValue: database }],
      exports: [Database],
    };
  }
}
