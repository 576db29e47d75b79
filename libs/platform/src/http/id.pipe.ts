import type { PipeTransform } from '@nestjs/common';
import { isId } from '../database/ids.js';

/** For ids in paths. What cannot be one names nothing, so the answer is the same as for an id that nobody has. */
export class IdPipe implements PipeTransform<string, string> {
  /** @param notFound makes that answer */
  constructor(private readonly notFound: () => Error) {}

  transform(value: string): string {
    if (!isId(value)) throw this.notFound();
    return value;
  }
}
