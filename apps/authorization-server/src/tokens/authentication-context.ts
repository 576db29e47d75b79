/** The `acr` of a login with a password alone, and of one with a second factor (RFC 9068 section 2.2.1). */
export const ACR_PASSWORD = 'urn:latchkey:acr:pwd';
export const ACR_MFA = 'urn:latchkey:acr:mfa';

/** @param amr how the resource owner logged in (RFC 8176) */
export function acrOf(amr: readonly string[]): string {
  return amr.includes('mfa') ? ACR_MFA : ACR_PASSWORD;
}
