/** What the tests use of simple-oauth2, which brings no types. */
declare module 'simple-oauth2' {
  interface ModuleOptions {
    client: { id: string; secret: string };
    auth: { tokenHost: string; tokenPath: string; refreshPath: string; revokePath: string };
    options?: { authorizationMethod?: 'header' | 'body'; bodyFormat?: 'form' | 'json' };
  }

  interface Token {
    access_token: string;
    refresh_token: string;
    expires_at: Date;
    scope: string;
  }

  class AccessToken {
    readonly token: Token;
    expired(windowSeconds?: number): boolean;
    refresh(parameters?: { scope?: string }): Promise<AccessToken>;
    revoke(kind: 'access_token' | 'refresh_token'): Promise<unknown>;
    revokeAll(): Promise<void>;
  }

  export class ResourceOwnerPassword {
    constructor(options: ModuleOptions);
    getToken(parameters: {
      username: string;
      password: string;
      scope?: string | string[];
    }): Promise<AccessToken>;
  }
}
