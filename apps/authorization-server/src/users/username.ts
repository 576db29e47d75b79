/** The rule for user names, as refusals state it. */
export const USERNAME_RULE = 'must be letters, digits, marks and visible ASCII, without spaces';

/** Longest canonical user name, in bytes of UTF-8. */
export const MAX_USERNAME_BYTES = 255;

/** Letters, digits, marks and visible ASCII: no spaces, controls, private-use or unassigned characters. */
const ALLOWED = /^(?:[\p{L}\p{Nd}\p{M}]|[\x21-\x7e])+$/u;

/** Invisible characters, with which two different names would look the same. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/u;

/** Full-width and half-width forms (UnicodeData: `<wide>` and `<narrow>` decompositions). */
const WIDTH_VARIANTS = /[\uff01-\uffef\u3000]/gu;

/**
 * The only form of a user name that is stored, compared and counted: width-mapped and lower-cased, then NFC (the
 * UsernameCaseMapped profile of RFC 8265 section 3.3). A name is made canonical first and validated after that:
 * validating another form than the one in use has let names collide in other systems.
 *
 * @returns `null` when it is no valid name
 */
export function canonicalUsername(username: string): string | null {
  if (username.length > MAX_USERNAME_BYTES * 4) return null;
  const canonical = username
    .replace(WIDTH_VARIANTS, (character) => character.normalize('NFKC'))
    .toLowerCase()
    .normalize('NFC');
  if (!ALLOWED.test(canonical) || INVISIBLE.test(canonical)) return null;
  return Buffer.byteLength(canonical) <= MAX_USERNAME_BYTES ? canonical : null;
}
