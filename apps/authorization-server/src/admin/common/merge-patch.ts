/**
 * Applies a merge patch (RFC 7396) to members that are not objects themselves.
 *
 * @returns what the resource should be; a member that the patch gives as `null` is absent
 */
export function mergePatch(target: object, patch: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries({ ...target, ...patch }).filter(([, value]) => value !== null && value !== undefined),
  );
}
