import {
  BigintColumn,
  BooleanColumn,
  BytesColumn,
  IntegerColumn,
  TimeColumn,
} from '@latchkey/platform/database';
import { Entity, Index } from 'typeorm';

@Entity('throttles', { withoutRowid: true })
@Index('throttles_expires_at', ['expiresAt'])
export class ThrottleEntity {
  @BytesColumn({ primary: true }) key!: Buffer;
  /** Failed attempts, and the time of the last one. */
  @IntegerColumn() attempts!: number;
  @TimeColumn() lastAt!: number;
  @BooleanColumn() known!: boolean;
  @TimeColumn() expiresAt!: number;
  /** Attempts in flight that began in this lease, and in the previous one. */
  @IntegerColumn({ default: 0 }) pending!: number;
  @IntegerColumn({ default: 0 }) pendingBefore!: number;
  /** Number of the lease in which the last attempt began. */
  @BigintColumn({ default: 0 }) lease!: number;
}
