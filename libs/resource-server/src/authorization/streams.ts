import 'reflect-metadata';
import { Get, Sse } from '@nestjs/common';

class Probe {
  @Sse()
  stream(this: void): void {
    // Only its metadata matters.
  }

  @Get()
  plain(this: void): void {
    // The same.
  }
}

const keysOf = (handler: object): unknown[] => Reflect.getMetadataKeys(handler) as unknown[];

/** The metadata keys of `@Sse()` that `@Get()` does not have. Nest has no public name for them. */
const STREAM_KEYS = keysOf(Probe.prototype.stream).filter(
  (key) => !keysOf(Probe.prototype.plain).includes(key),
);
if (STREAM_KEYS.length === 0) throw new Error('This version of Nest marks @Sse() in an unknown way');

/** Whether a handler answers with an event stream, which may stay open for any time. */
export function isStream(handler: object): boolean {
  return STREAM_KEYS.some((key) => Reflect.hasMetadata(key, handler));
}
