/**
 * What clients may know about an API before they have a token; optional members without a value are left out.
 *
 * @see RFC 9728 section 2
 */
export interface ResourceMetadata {
  resource: string;
  authorization_servers?: readonly string[];
  scopes_supported?: readonly string[];
  bearer_methods_supported: readonly ['header'];
  resource_name?: string;
  resource_documentation?: string;
  resource_policy_uri?: string;
  resource_tos_uri?: string;
}
