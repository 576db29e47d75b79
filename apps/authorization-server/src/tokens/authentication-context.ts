/** The `acr` of a login with only a password, with a second factor, and with a passkey (RFC 9068 section 2.2.1). */
export const ACR_PASSWORD = 'urn:latchkey:acr:pwd';
export const ACR_MFA = 'urn:latchkey:acr:mfa';
export const ACR_PHISHING_RESISTANT = 'urn:latchkey:acr:phr';

export const ACR_VALUES = [ACR_PASSWORD, ACR_MFA, ACR_PHISHING_RESISTANT] as const;

export type Acr = (typeof ACR_VALUES)[number];

/** Keys that sign for one site only, in hardware and in software (RFC 8176 section 2). */
const PHISHING_RESISTANT = ['hwk', 'swk'];

/** @param amr how the resource owner logged in (RFC 8176) */
export function acrOf(amr: readonly string[]): Acr {
  if (!amr.includes('mfa')) return ACR_PASSWORD;
  return PHISHING_RESISTANT.some((method) => amr.includes(method)) ? ACR_PHISHING_RESISTANT : ACR_MFA;
}
