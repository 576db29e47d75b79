import { IsText } from '@latchkey/platform/http';
import { MAX_PASSWORD_BYTES } from '../passwords/password-format.js';

export class ChangePasswordRequest {
  @IsText({ min: 1, max: MAX_PASSWORD_BYTES })
  current_password!: string;

  @IsText({ min: 1, max: MAX_PASSWORD_BYTES })
  new_password!: string;
}
