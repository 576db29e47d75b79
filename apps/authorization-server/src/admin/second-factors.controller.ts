import { Get } from '@nestjs/common';
import { Describe, INTEGER, named, objectSchema, TIMESTAMP, type TypeOf } from '@latchkey/platform/openapi';
import { SecondFactorCoverage } from '../users/second-factor-coverage.js';
import { Administers } from './administers.decorator.js';
import { time } from './wire.js';

/** Of enabled users. */
const COVERAGE = named(
  'SecondFactorCoverage',
  objectSchema({ users: INTEGER, without_second_factor: INTEGER, counted_at: TIMESTAMP }),
);

@Administers('users', 'second-factors')
export class AdminSecondFactorsController {
  constructor(private readonly coverage: SecondFactorCoverage) {}

  @Get()
  @Describe('Counts the enabled users, and those of them who have no second factor', { answer: COVERAGE })
  async countUsersWithoutFactor(): Promise<TypeOf<typeof COVERAGE>> {
    const { users, withSecondFactor, countedAt } = await this.coverage.current();
    return { users, without_second_factor: users - withSecondFactor, counted_at: time(countedAt) };
  }
}
