import { Injectable } from '@nestjs/common';

/**
 * Whether the server is on its way out. It still answers every request, but is no longer ready, so that a balancer
 * sends new ones elsewhere, and it asks clients to leave their connections.
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
