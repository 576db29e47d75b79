import { secretWeakness } from '@latchkey/platform/environment';
import type { ConfigurationDocument } from './configuration-document.js';

/** The clients whose initial secret is one that production would refuse. */
export function clientsWithWeakSecrets({ clients }: ConfigurationDocument): string[] {
  return (clients ?? [])
    .filter(({ client_secret: secret }) => secret !== undefined && secretWeakness(secret) !== null)
    .map(({ client_id: clientId }) => clientId);
}
