import { IsText, PageRequest } from '@latchkey/platform/http';
import { IsBoolean, IsIn, Length } from 'class-validator';
import {
  AUTHORIZATION_STATES,
  type AuthorizationStateName,
} from '../../authorizations/authorization-list-repository.js';
import { IsVschar, Optional } from '../../provisioning/configuration-validators.js';
import { ToBoolean } from '../common/to-boolean.js';

export class AuthorizationListRequest extends PageRequest {
  /** A user name or a `sub`. */
  @Optional()
  @IsText({ min: 1, max: 255 })
  user?: string;

  @Optional()
  @IsVschar()
  @Length(1, 255)
  client_id?: string;

  @Optional()
  @IsIn(AUTHORIZATION_STATES)
  state?: AuthorizationStateName;

  /** Also those of clients that act on their own behalf (`client_credentials`). */
  @Optional()
  @ToBoolean()
  @IsBoolean({ message: 'must be true or false' })
  include_client_credentials?: boolean;
}

/** Whose authorizations are ended: a user's or a client's. */
export class RevocationRequest {
  /** A user name or a `sub`. */
  @Optional()
  @IsText({ min: 1, max: 255 })
  user?: string;

  @Optional()
  @IsVschar()
  @Length(1, 255)
  client_id?: string;
}
