/** PostgreSQL accepts less than 8,000 bytes; the rest is for a prefix. */
const MAX_PAYLOAD_BYTES = 7900;

/** A message of a transaction to all users of the database, sent after the commit; see `Transaction.notify`. */
export class Notification {
  constructor(readonly payload: string) {
    if (!fitsNotification(payload)) throw new RangeError('The notification is too large');
  }
}

export function fitsNotification(payload: string): boolean {
  return Buffer.byteLength(payload) <= MAX_PAYLOAD_BYTES;
}
