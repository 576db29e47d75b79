import { auth0, cognito, entra, keycloak, okta, type ProviderIssuer } from '@latchkey/resource-server';

export const API = 'https://api.example/';
export const TENANT = 'aaaabbbb-0000-cccc-1111-dddd2222eeee';

/** One provider: what its documents say that its tokens look like. */
export interface Provider {
  preset: ProviderIssuer;
  header: Record<string, unknown>;
  user: Record<string, unknown>;
  client: Record<string, unknown>;
  /** Signed by the same key for the same user, and no access token. */
  idToken: Record<string, unknown>;
  found: Record<string, unknown>;
  clientFound: Record<string, unknown>;
}

export const PROVIDERS: Record<string, Provider> = {
  keycloak: {
    preset: keycloak({ issuer: 'https://kc.example/realms/shop', audience: API }),
    header: { typ: 'JWT' },
    user: {
      jti: 'onrtac:d58f5dc8-fd8f-462b-8a19-716f8f83985b',
      aud: [API, 'account'],
      sub: '36fa0f91-f94d-4a0c-afed-6b7d952e47da',
      typ: 'Bearer',
      azp: 'shop-web',
      sid: '2a88c258-f73a-4103-b862-e1fbd8f4e04e',
      acr: '1',
      'allowed-origins': ['http://localhost:6080'],
      realm_access: { roles: ['offline_access', 'clerk'] },
      resource_access: { account: { roles: ['manage-account'] } },
      scope: 'email profile',
      email_verified: true,
      preferred_username: 'alice',
    },
    client: {
      aud: API,
      sub: '7b2d0b1c-0f5e-4a41-9a43-5d2f0f6c0b11',
      typ: 'Bearer',
      azp: 'shop-batch',
      client_id: 'shop-batch',
      realm_access: { roles: ['clerk'] },
      scope: 'profile',
      clientHost: '127.0.0.1',
      preferred_username: 'service-account-shop-batch',
    },
    idToken: {
      aud: API,
      sub: '36fa0f91-f94d-4a0c-afed-6b7d952e47da',
      typ: 'ID',
      azp: API,
      preferred_username: 'alice',
    },
    found: {
      subject: '36fa0f91-f94d-4a0c-afed-6b7d952e47da',
      clientId: 'shop-web',
      username: 'alice',
      scope: 'email profile',
      roles: ['offline_access', 'clerk'],
      isOwnerToken: true,
    },
    clientFound: { clientId: 'shop-batch', roles: ['clerk'], isOwnerToken: false },
  },
  auth0: {
    preset: auth0({ domain: 'my-domain.auth0.com', audience: API }),
    header: { typ: 'JWT' },
    user: {
      sub: 'auth0|123456',
      aud: [API, 'https://my-domain.auth0.com/userinfo'],
      azp: 'my_client_id',
      scope: 'openid profile read:patients',
      permissions: ['read:patients', 'read:admin'],
    },
    client: {
      sub: 'OOZH6s5sgOORoVKBMNRu0xRd4I3dl5T7@clients',
      aud: API,
      gty: 'client-credentials',
      azp: 'OOZH6s5sgOORoVKBMNRu0xRd4I3dl5T7',
    },
    idToken: { aud: 'my_client_id', sub: 'auth0|123456', sid: 's', nonce: 'n' },
    found: {
      subject: 'auth0|123456',
      clientId: 'my_client_id',
      // What the client was granted, and not all that the user may do.
      scope: 'openid profile read:patients',
      roles: ['read:patients', 'read:admin'],
      isOwnerToken: true,
    },
    clientFound: { clientId: 'OOZH6s5sgOORoVKBMNRu0xRd4I3dl5T7', scope: '', isOwnerToken: false },
  },
  entra: {
    preset: entra({ tenantId: TENANT, audience: API }),
    header: { typ: 'JWT' },
    user: {
      aud: API,
      nbf: 1,
      aio: 'x',
      azp: '00001111-aaaa-2222-bbbb-3333cccc4444',
      azpacr: '0',
      name: 'Alice',
      oid: 'aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb',
      preferred_username: 'alice@contoso.com',
      rh: 'x',
      roles: ['Clerk'],
      scp: 'Orders.Read Orders.Write',
      sub: 'HKZpfaHyWadeOouYlitjrI-KffTm222X5rrV3xDqfKQ',
      tid: TENANT,
      uti: 'x',
      ver: '2.0',
    },
    client: {
      aud: API,
      azp: '11112222-bbbb-3333-cccc-4444dddd5555',
      azpacr: '1',
      oid: 'bbbbbbbb-0000-1111-2222-cccccccccccc',
      roles: ['API.Reader'],
      sub: 'bbbbbbbb-0000-1111-2222-cccccccccccc',
      tid: TENANT,
      ver: '2.0',
    },
    // Of an application that is client and API at once.
    idToken: {
      aud: API,
      name: 'Alice',
      oid: 'aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb',
      roles: ['Clerk'],
      sub: 'HKZpfaHyWadeOouYlitjrI-KffTm222X5rrV3xDqfKQ',
      tid: TENANT,
      ver: '2.0',
    },
    found: {
      subject: 'HKZpfaHyWadeOouYlitjrI-KffTm222X5rrV3xDqfKQ',
      clientId: '00001111-aaaa-2222-bbbb-3333cccc4444',
      username: 'alice@contoso.com',
      scope: 'Orders.Read Orders.Write',
      roles: ['Clerk'],
      isOwnerToken: true,
    },
    clientFound: { scope: '', roles: ['API.Reader'], isOwnerToken: false },
  },
  okta: {
    preset: okta({ domain: 'example.okta.com', audience: API }),
    header: {},
    user: {
      ver: 1,
      jti: 'AT.MNAoEQ_jbKqoinrQo1D0XKjMX28U5d7ZszBceot7-Ts',
      aud: API,
      sub: 'alice@example.com',
      cid: '0oa1client',
      uid: '00u1alice',
      scp: ['openid', 'orders.read'],
      auth_time: 1688145909,
    },
    client: {
      ver: 1,
      jti: 'AT.x',
      aud: API,
      sub: '0oa1batch',
      cid: '0oa1batch',
      scp: ['orders.read'],
    },
    idToken: { ver: 1, jti: 'ID.x', aud: API, sub: '00u1alice', amr: ['pwd'], at_hash: 'x' },
    found: {
      subject: '00u1alice',
      clientId: '0oa1client',
      username: 'alice@example.com',
      scope: 'openid orders.read',
      isOwnerToken: true,
    },
    clientFound: { subject: null, clientId: '0oa1batch', isOwnerToken: false },
  },
  cognito: {
    preset: cognito({ userPoolId: 'us-east-1_EXAMPLE', clientIds: ['57cbishk4j24pabc1234567890', 'batch'] }),
    header: {},
    user: {
      sub: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
      'cognito:groups': ['staff'],
      version: 2,
      client_id: '57cbishk4j24pabc1234567890',
      origin_jti: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
      event_id: '64f513be-32db-42b0-b78e-b02127b4f463',
      token_use: 'access',
      scope: 'openid orders/read',
      auth_time: 1676312777,
      jti: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
      username: 'alice',
    },
    client: { sub: 'batch', client_id: 'batch', version: 2, token_use: 'access', scope: 'orders/read' },
    idToken: {
      sub: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
      aud: '57cbishk4j24pabc1234567890',
      client_id: '57cbishk4j24pabc1234567890',
      token_use: 'id',
      'cognito:username': 'alice',
    },
    found: {
      subject: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
      clientId: '57cbishk4j24pabc1234567890',
      username: 'alice',
      scope: 'openid orders/read',
      groups: ['staff'],
      isOwnerToken: true,
    },
    clientFound: { clientId: 'batch', isOwnerToken: false },
  },
};
