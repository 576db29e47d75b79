import { IsText, NamePageRequest } from '@latchkey/platform/http';
import { Length } from 'class-validator';
import { IsScopeName, Optional } from '../../provisioning/configuration-validators.js';
import { ScopeEntry } from '../../provisioning/configuration-document.js';

export class NewScopeRequest extends ScopeEntry {}

export class ScopeDescriptionRequest {
  @IsText({ min: 0, max: 1000 })
  description!: string;
}

export class ScopeListRequest extends NamePageRequest {
  /** How the name begins. */
  @Optional()
  @IsScopeName()
  @Length(1, 255)
  prefix?: string;
}
