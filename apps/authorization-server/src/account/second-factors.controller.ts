import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { IdPipe, IsEmailAddress, IsText } from '@latchkey/platform/http';
import {
  Describe,
  DescribeAll,
  listOf,
  objectSchema,
  TEXT,
  type Schema,
  type TypeOf,
} from '@latchkey/platform/openapi';
import {
  CurrentToken,
  RequireOwnerToken,
  RequireScopes,
  ResourceOwner,
  type AccessToken,
} from '@latchkey/resource-server';
import { IsIn, ValidateIf } from 'class-validator';
import { OAuthError } from '../oauth/common/oauth-error.js';
import { CurrentRequest, type RequestContext } from '../oauth/common/request-context.js';
import { ACCOUNT_SCOPE } from '../scopes/reserved-scope.js';
import {
  CONFIRMED_FACTOR,
  NEW_EMAIL_CODE,
  NEW_FACTOR,
  OWN_SECOND_FACTORS,
  toSecondFactorsResponse,
} from '../second-factors/describe-second-factors.js';
import { EMAIL_CODE_LIFETIME } from '../second-factors/email-code.js';
import { ACCOUNT_PART } from './account.controller.js';
import { AccountSecondFactorsService } from './account-second-factors.service.js';
import { ChangesSecondFactors } from './own-second-factor.policy.js';

class AddFactorRequest {
  @IsIn(['totp', 'email_code'])
  type!: 'totp' | 'email_code';

  /** For `email_code`: the address for codes. */
  @ValidateIf(({ type }: AddFactorRequest) => type === 'email_code')
  @IsEmailAddress()
  address?: string;
}

class ConfirmFactorRequest {
  @IsText({ min: 1, max: 32 })
  code!: string;
}

type NewFactor = TypeOf<typeof NEW_FACTOR> | TypeOf<typeof NEW_EMAIL_CODE>;

const NEW_OWN_FACTOR: Schema<NewFactor> = { anyOf: [NEW_FACTOR, NEW_EMAIL_CODE] };

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
  @Describe('Lists the own second factors, and how many recovery codes are left', {
    answer: OWN_SECOND_FACTORS,
  })
  async listOwnFactors(@ResourceOwner() sub: string): Promise<TypeOf<typeof OWN_SECOND_FACTORS>> {
    const factors = toSecondFactorsResponse(await this.factors.list(sub));
    return { ...factors, types_supported: this.factors.types };
  }

  @Post('factors')
  @ChangesSecondFactors()
  @Describe('Adds a second factor: shows its secret once, or sends a code to its address', {
    example: { type: 'totp' },
    answer: NEW_OWN_FACTOR,
    meaning: 'A second factor, which is asked for once a code of it was shown',
    refusals: {
      429: 'Too many codes were sent',
      503: 'The code could not be sent, the server is busy, or its database does not answer',
    },
  })
  async addOwnFactor(
    @ResourceOwner() sub: string,
    @CurrentToken() { clientId }: AccessToken,
    @Body() { type, address }: AddFactorRequest,
    @CurrentRequest() context: RequestContext,
  ): Promise<NewFactor> {
    if (type === 'email_code') {
      const added = await this.factors.enrolEmail(sub, address ?? '', clientId ?? '', context);
      return { ...added, type, state: 'pending', expires_in: EMAIL_CODE_LIFETIME };
    }
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
    const type = await this.factors.confirm(sub, id, code, context);
    if (type === null) throw new OAuthError('access_denied', 403, 'The code is wrong');
    return { id, type, state: 'active' };
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
