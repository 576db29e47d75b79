import { Transform } from 'class-transformer';
import { IsInt, IsOptional, IsUUID, Max, Min } from 'class-validator';
import { decodeCursor } from './cursor.js';

const MAX_LIMIT = 200;
const LIMIT = { message: `must be a whole number from 1 to ${MAX_LIMIT}` };

/** Query of `GET /resources`. */
export class ListResourcesRequest {
  @Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN,
  )
  @IsInt(LIMIT)
  @Min(1, LIMIT)
  @Max(MAX_LIMIT, LIMIT)
  limit = 50;

  /** The id to continue after. */
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' && decodeCursor(value)) || false)
  @IsOptional()
  @IsUUID('all', { message: 'must be a next_cursor of this list' })
  cursor?: string;
}
