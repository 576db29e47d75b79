import { Transform } from 'class-transformer';

/** Reads `true` and `false` in a query; anything else stays what it is, and is refused. */
export const ToBoolean = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value));
