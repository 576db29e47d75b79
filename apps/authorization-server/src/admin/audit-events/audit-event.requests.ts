import { PageRequest } from '@latchkey/platform/http';
import { IsIn, Length } from 'class-validator';
import { AUDIT_KINDS, AUDIT_OUTCOMES, type AuditEvent, type AuditKind } from '../../audit/audit-event.js';
import { IsTimestamp, IsVschar, Optional } from '../../provisioning/configuration-validators.js';

export class AuditEventListRequest extends PageRequest {
  /** A `client_id`, a `sub`, or a part of the server. */
  @Optional()
  @IsVschar()
  @Length(1, 255)
  actor?: string;

  /** A `sub`, or the keyed hash of a name that nobody has. */
  @Optional()
  @IsVschar()
  @Length(1, 255)
  subject?: string;

  @Optional()
  @IsVschar()
  @Length(1, 255)
  client_id?: string;

  @Optional()
  @IsIn(AUDIT_KINDS)
  kind?: AuditKind;

  @Optional()
  @IsIn(AUDIT_OUTCOMES)
  outcome?: AuditEvent['outcome'];

  /** The first moment that counts (RFC 3339). */
  @Optional()
  @IsTimestamp()
  since?: string;

  /** The first moment that does not count any more. */
  @Optional()
  @IsTimestamp()
  until?: string;
}
