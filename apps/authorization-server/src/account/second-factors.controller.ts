import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { IdPipe, IsText } from '@latchkey/platform/http';
import { Describe, DescribeAll, listOf, objectSchema, TEXT, type TypeOf } from '@latchkey/platform/openapi';
import { RequireOwnerToken, RequireScopes, ResourceOwner } from '@latchkey/resource-server';
import { IsIn } from 'class-validator';
import { OAuthError } from '../oauth/common/oauth-error.js';
import { CurrentRequest, type RequestContext } from '../oauth/common/request-context.js';
import { ACCOUNT_SCOPE } from '../scopes/reserved-scope.js';
import {
  CONFIRMED_FACTOR,
  NEW_FACTOR,
  SECOND_FACTORS,
  toSecondFactorsResponse,
} from '../second-factors/describe-second-factors.js';
import { ACCOUNT_PART } from './account.controller.js';
import { AccountSecondFactorsService } from './account-second-factors.service.js';
import { ChangesSecondFactors } from './own-second-factor.policy.js';

class AddFactorRequest {
  @IsIn(['totp'])
  type!: 'totp';
}

class ConfirmFactorRequest {
  @IsText({ min: 1, max: 32 })
  code!: string;
}

const RECOVERY_CODES = objectSchema({ codes: listOf(TEXT) });

const ID = new IdPipe(() => OAuthError.notFound());

/** The second factors of resource owners, with a token of their own that has the scope `account`. */
@DescribeAll(ACCOUNT_PART)
@RequireOwnerToken()
@RequireScopes(ACCOUNT_SCOPE)
@Controller('account')
export class SecondFactorsController {
  constructor(private readonly factors: AccountSecondFactorsService) {}

  @Get('factors')
  @Describe('Lists the own second factors, and how many recovery codes are left', { answer: SECOND_FACTORS })
  async listOwnFactors(@ResourceOwner() sub: string): Promise<TypeOf<typeof SECOND_FACTORS>> {
    return toSecondFactorsResponse(await this.factors.list(sub));
  }

  @Post('factors')
  @ChangesSecondFactors()
  @Describe('Adds a second factor, whose secret is shown once', {
    example: { type: 'totp' },
    answer: NEW_FACTOR,
    meaning: 'A second factor, which is asked for once a code of it was shown',
  })
  async addOwnFactor(
    @ResourceOwner() sub: string,
    @Body() { type }: AddFactorRequest,
  ): Promise<TypeOf<typeof NEW_FACTOR>> {
    const { id, secret, uri } = await this.factors.enrolTotp(sub);
    return { id, type, state: 'pending', secret, otpauth_uri: uri };
  }

  @Post('factors/:id/confirm')
  @HttpCode(200)
  @ChangesSecondFactors()
  @Describe('Confirms a new second factor by a code of it', {
    example: { code: '123456' },
    answer: CONFIRMED_FACTOR,
  })
  async confirmOwnFactor(
    @ResourceOwner() sub: string,
    @Param('id', ID) id: string,
    @Body() { code }: ConfirmFactorRequest,
    @CurrentRequest() context: RequestContext,
  ): Promise<TypeOf<typeof CONFIRMED_FACTOR>> {
    const confirmed = await this.factors.confirm(sub, id, code, context);
    if (!confirmed) throw new OAuthError('access_denied', 403, 'The code is wrong');
    return { id, type: 'totp', state: 'active' };
  }

  @Delete('factors/:id')
  @HttpCode(204)
  @ChangesSecondFactors()
  @Describe('Removes a second factor; the recovery codes go with the last one')
  async removeOwnFactor(
    @ResourceOwner() sub: string,
    @Param('id', ID) id: string,
    @CurrentRequest() context: RequestContext,
  ): Promise<void> {
    if (!(await this.factors.remove(sub, id, context))) throw OAuthError.notFound();
  }

  @Post('recovery-codes')
  @ChangesSecondFactors()
  @Describe('Makes new recovery codes in place of those so far, which are shown once', {
    answer: RECOVERY_CODES,
  })
  async renewOwnRecoveryCodes(
    @ResourceOwner() sub: string,
    @CurrentRequest() context: RequestContext,
  ): Promise<TypeOf<typeof RECOVERY_CODES>> {
    return { codes: await this.factors.renewRecoveryCodes(sub, context) };
  }
}
