import { Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { IdPipe, IsText } from '@latchkey/platform/http';
import { Describe, type TypeOf } from '@latchkey/platform/openapi';
import { IsIn } from 'class-validator';
import {
  CONFIRMED_FACTOR,
  NEW_FACTOR,
  SECOND_FACTORS,
  toSecondFactorsResponse,
} from '../second-factors/describe-second-factors.js';
import { Administers } from './administers.decorator.js';
import { CurrentAdministrator, type Administrator } from './administrator.js';
import { Problem } from './problem.js';
import { StrictBody } from './strict-input.js';
import { AdminUserFactorsService } from './user-factors.service.js';
import { PathName } from './wire.js';

class NewFactorRequest {
  @IsIn(['totp'])
  type!: 'totp';
}

class FactorCodeRequest {
  /** The code that the authenticator application shows. */
  @IsText({ min: 1, max: 32 })
  code!: string;
}

const ID = new IdPipe(() => Problem.notFound('second factor'));

@Administers('users', 'users/:sub/factors')
export class AdminUserFactorsController {
  constructor(private readonly factors: AdminUserFactorsService) {}

  @Get()
  @Describe('Lists the second factors of a user, without their secrets', { answer: SECOND_FACTORS })
  async listUserFactors(@PathName('sub') sub: string): Promise<TypeOf<typeof SECOND_FACTORS>> {
    return toSecondFactorsResponse(await this.factors.list(sub));
  }

  @Post()
  @Describe('Gives a user a second factor, whose secret is shown once', {
    example: { type: 'totp' },
    answer: NEW_FACTOR,
    meaning: 'A second factor, which is asked for once a code of it was shown',
    refusals: { 409: 'The user has as many second factors as there may be' },
  })
  async addUserFactor(
    @PathName('sub') sub: string,
    @StrictBody(NewFactorRequest) { type }: NewFactorRequest,
  ): Promise<TypeOf<typeof NEW_FACTOR>> {
    const { id, secret, uri } = await this.factors.enrolTotp(sub);
    return { id, type, state: 'pending', secret, otpauth_uri: uri };
  }

  @Post(':id/confirm')
  @HttpCode(200)
  @Describe('Confirms a new second factor of a user by a code of it', {
    example: { code: '123456' },
    answer: CONFIRMED_FACTOR,
  })
  async confirmUserFactor(
    @PathName('sub') sub: string,
    @Param('id', ID) id: string,
    @StrictBody(FactorCodeRequest) { code }: FactorCodeRequest,
    @CurrentAdministrator() administrator: Administrator,
  ): Promise<TypeOf<typeof CONFIRMED_FACTOR>> {
    await this.factors.confirm(sub, id, code, administrator);
    return { id, type: 'totp', state: 'active' };
  }

  @Delete(':id')
  @HttpCode(204)
  @Describe(
    'Removes a second factor of a user and ends all sessions; the recovery codes go with the last one',
  )
  async removeUserFactor(
    @PathName('sub') sub: string,
    @Param('id', ID) id: string,
    @CurrentAdministrator() administrator: Administrator,
  ): Promise<void> {
    await this.factors.remove(sub, id, administrator);
  }
}
