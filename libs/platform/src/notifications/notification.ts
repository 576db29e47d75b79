/** PostgreSQL takes less than 8,000 bytes; the rest is for what is put before the payload on the way. */
const MAX_PAYLOAD_BYTES = 7900;

/** What a unit of work tells everybody who uses the database, once it is stored; see `Transaction.notify`. */
export class Notification {
  constructor(readonly payload: string) {
    if (!fitsNotification(payload)) throw new RangeError('The notification is too large');
  }
}

export function fitsNotification(payload: string): boolean {
  return Buffer.byteLength(payload) <= MAX_PAYLOAD_BYTES;
}
