// The script of the demo: what is asked, what is said about it, and what the answer must be.
import { Secret, TOTP } from 'otpauth';
import { Conversation } from './conversation.mjs';

/**
 * @param urls of both servers
 * @param demo what the demo file holds
 * @param isOwn the pair is thrown away afterwards, so that a user of it may get a second factor
 * @returns {Promise<number>} how many answers were not as they should be
 */
export async function play({ authorizationServer, resourceServer }, { client, users }, isOwn = false) {
  const talk = new Conversation();
  const [alice, bob] = users;
  const token = (title, form, expected, credentials = client) =>
    talk.form(title, `${authorizationServer}/oauth/token`, form, credentials, expected);
  const login = (title, { username, password }, expected, more = {}) =>
    token(title, { grant_type: 'password', username, password, ...more }, expected);
  const resources = (title, method, path, accessToken, body, expected) =>
    talk.api(title, method, `${resourceServer}/resources${path}`, accessToken, body, expected);

  talk.chapter(
    'Stages 1 to 3: the client has the credentials of a resource owner and exchanges them for tokens',
  );
  await login('A wrong password', { ...alice, password: 'guess' }, [400, 'invalid_grant']);
  await token('A wrong client secret', { grant_type: 'password', ...alice }, [401, 'invalid_client'], {
    ...client,
    client_secret: 'guess',
  });
  await login('A scope that the client may not have', alice, [400, 'invalid_scope'], {
    scope: 'admin:users',
  });
  const tokens = await login(`The credentials of ${alice.username}`, alice, [200]);

  talk.chapter('Stages 4 and 5: the client calls the resource server, which asks the authorization server');
  await resources('Without a token', 'GET', '', null, undefined, [401]);
  await resources('With a made-up token', 'GET', '', 'made-up', undefined, [401, 'invalid_token']);
  const note = { name: 'note', content: 'hello' };
  const created = await resources('Create a resource', 'POST', '', tokens.access_token, note, [201]);
  await resources('Read it', 'GET', `/${created.id}`, tokens.access_token, undefined, [200]);
  const reader = await login('A token for reading only', alice, [200], { scope: 'resources:read' });
  await resources('Create with it', 'POST', '', reader.access_token, note, [403, 'insufficient_scope']);
  const bobs = await login(`A token of ${bob.username}`, bob, [200]);
  await resources("Another owner's resource", 'GET', `/${created.id}`, bobs.access_token, undefined, [404]);

  talk.chapter('A refresh token works once; a retry gets the same answer');
  const refresh = (title, refreshToken, expected) =>
    token(title, { grant_type: 'refresh_token', refresh_token: refreshToken }, expected);
  const second = await refresh('Refresh', tokens.refresh_token, [200]);
  const retry = await refresh('Refresh again, as if the answer had been lost', tokens.refresh_token, [200]);
  talk.check('The retry got the same refresh token', retry.refresh_token === second.refresh_token);
  const third = await refresh('The new one, inside the grace', second.refresh_token, [200]);
  talk.check('There is one rotation in a grace', third.refresh_token === second.refresh_token);

  talk.chapter('Revoking any token ends the login');
  const revoke = `${authorizationServer}/oauth/revoke`;
  await talk.form('Revoke the refresh token', revoke, { token: second.refresh_token }, client, [200]);
  await refresh('Refresh after that', second.refresh_token, [400, 'invalid_grant']);
  await resources('The access token after that', 'GET', '', third.access_token, undefined, [
    401,
    'invalid_token',
  ]);
  if (isOwn) await playSecondFactor(talk, authorizationServer, client, bob);
  return talk.wrong;
}

async function playSecondFactor(talk, authorizationServer, client, { username, password }) {
  const token = (title, form, expected) =>
    talk.form(title, `${authorizationServer}/oauth/token`, form, client, expected);
  const byPassword = { grant_type: 'password', username, password };

  talk.chapter('A second factor: the password is answered with a handle, and a code ends the login');
  const asked = await token(
    'The client asks for a login with a second factor',
    { ...byPassword, acr_values: 'urn:latchkey:acr:mfa' },
    [403, 'mfa_required'],
  );
  const { mfa_token: handle } = asked;
  const associate = `${authorizationServer}/oauth/mfa/associate`;
  const { secret } = await talk.form(
    `${username} has none, and gets a secret for an authenticator application`,
    associate,
    { mfa_token: handle },
    client,
    [200],
  );
  const application = new TOTP({ secret: Secret.fromBase32(secret) });
  const byCode = { grant_type: 'urn:latchkey:grant-type:mfa-otp', mfa_token: handle };
  await token('A wrong code', { ...byCode, otp: 'guess' }, [400, 'invalid_grant']);
  await token('The code that the application shows', { ...byCode, otp: application.generate() }, [200]);
  await token('From now on the password alone is not enough', byPassword, [403, 'mfa_required']);
  const next = application.generate({ timestamp: Date.now() + application.period * 1000 });
  await token('A program sends the next code beside the password', { ...byPassword, totp: next }, [200]);
}
