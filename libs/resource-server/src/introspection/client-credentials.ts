/** The Authorization header of HTTP Basic; id and secret are form-encoded before they are joined (RFC 6749 section 2.3.1). */
export function basicCredentials(clientId: string, clientSecret: string): string {
  const [id, secret] = [clientId, clientSecret].map((value) => formEncode({ value }).slice('value='.length));
  return `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
}

export function formEncode(parameters: Record<string, string>): string {
  return new URLSearchParams(parameters).toString();
}
