/** The `acr` of a login with a password alone, and of one with a second factor (RFC 9068 section 2.2.1). */
export const ACR_PASSWORD = 'urn:latchkey:acr:pwd';
export const ACR_MFA = 'urn:latchkey:acr:mfa';

/** What a client may ask for. */
export const ACR_VALUES = [ACR_PASSWORD, ACR_MFA] as const;

export type Acr = (typeof ACR_VALUES)[number];

/** @param amr how the resource owner logged in (RFC 8176) */
export function acrOf(amr: readonly string[]): Acr {
  return amr.includes('mfa') ? ACR_MFA : ACR_PASSWORD;
}
