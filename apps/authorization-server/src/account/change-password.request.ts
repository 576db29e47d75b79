import { IsText } from '@latchkey/platform';
import { MAX_PASSWORD_BYTES, MIN_PASSWORD_LENGTH } from '../passwords/password-format.js';

export class ChangePasswordRequest {
  @IsText({ min: 1, max: MAX_PASSWORD_BYTES })
  current_password!: string;

  @IsText({ min: MIN_PASSWORD_LENGTH, max: MAX_PASSWORD_BYTES })
  new_password!: string;
}
