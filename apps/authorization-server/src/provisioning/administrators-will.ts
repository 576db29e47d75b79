import { fieldChanges, type FieldChange } from '../audit/field-changes.js';
import type { Authority } from '../subjects/deleted-names.js';

/** What an administrator deleted, no file creates again. */
export const STAYS_DELETED = 'an administrator deleted or renamed it, and no file brings it back';

/** What an administrator disabled, no file enables. */
export const STAYS_DISABLED = 'an administrator disabled it, and no file enables it';

/** Who disables an entry that a file creates. */
export function disabledByFile(enabled: boolean | undefined): Authority | null {
  return enabled === false ? 'configuration' : null;
}

/**
 * Disables or enables what exists as a file says; what an administrator disabled stays so.
 *
 * @param setDisabled stores it
 */
export async function enableAsFileSays(
  stored: Authority | null,
  enabled: boolean | undefined,
  setDisabled: (disabledBy: Authority | null) => Promise<void>,
): Promise<{ fields: FieldChange[]; note: string | null }> {
  if (stored === 'administrator') return { fields: [], note: enabled === false ? null : STAYS_DISABLED };
  const wanted = disabledByFile(enabled);
  if (wanted === stored) return { fields: [], note: null };
  await setDisabled(wanted);
  return { fields: fieldChanges({ enabled: stored === null }, { enabled: wanted === null }), note: null };
}
