import { Injectable } from '@nestjs/common';

/**
 * Whether the server is stopping. It still answers every request, but is no longer ready, so that a load balancer sends
 * new requests elsewhere, and it asks clients to close their connections.
 */
@Injectable()
export class Drain {
  #hasBegun = false;

  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  begin(): void {
    this.#hasBegun = true;
  }
}
