import { Injectable, type PipeTransform } from '@nestjs/common';
import { validate } from 'uuid';
import { ApiError } from '../http/api-error.js';

/** What cannot be an id names nothing, so the answer is the same as for an id that nobody has. */
@Injectable()
export class ResourceIdPipe implements PipeTransform<string, string> {
  transform(value: string): string {
    if (!validate(value)) throw ApiError.resourceNotFound();
    return value;
  }
}
