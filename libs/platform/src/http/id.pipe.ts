import type { PipeTransform } from '@nestjs/common';
import { isId } from '../database/ids.js';

/** For ids in paths. A malformed id gets the same response as an unknown one. */
export class IdPipe implements PipeTransform<string, string> {
  /** @param notFound creates the error */
  constructor(private readonly notFound: () => Error) {}

  transform(value: string): string {
    if (!isId(value)) throw this.notFound();
    return value;
  }
}
