import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { aClient, aConfiguration, aResourceServer, aUser } from '../support/builders.js';
import { expectActive } from '../support/expectations.js';
import type { Credentials } from '../support/http.js';
import { describeWithPrograms, startProgram } from '../support/programs.js';
import { startStack, type Stack } from '../support/stack.js';

interface Program {
  readonly name: string;
  /** Of Debian; none for what npm installs. */
  readonly packages: readonly string[];
  readonly program: string;
  /** What comes before the script. */
  readonly options: readonly string[];
  /** Logs in by the environment, and prints what it is told, as JSON. */
  readonly script: string;
}

const PROGRAMS: readonly Program[] = [
  {
    name: 'curl',
    packages: ['curl'],
    program: 'sh',
    options: ['-c'],
    script: `
      if [ "$METHOD" = basic ]; then
        set -- --user "$CLIENT_ID:$CLIENT_SECRET"
      else
        set -- --data-urlencode "client_id=$CLIENT_ID" --data-urlencode "client_secret=$CLIENT_SECRET"
      fi
      curl --silent --show-error "$@" --data grant_type=password --data-urlencode "username=$OWNER" \
        --data-urlencode "password=$PASSWORD" "$ISSUER/oauth/token"`,
  },
  {
    name: 'requests',
    packages: ['python3-requests'],
    program: 'python3',
    options: ['-c'],
    script: `
import os, requests
e = os.environ
form = {'grant_type': 'password', 'username': e['OWNER'], 'password': e['PASSWORD']}
client = (e['CLIENT_ID'], e['CLIENT_SECRET'])
if e['METHOD'] != 'basic':
    form.update(client_id=client[0], client_secret=client[1])
    client = None
print(requests.post(e['ISSUER'] + '/oauth/token', data=form, auth=client).text)`,
  },
  {
    name: 'Authlib',
    packages: ['python3-authlib', 'python3-requests'],
    program: 'python3',
    options: ['-c'],
    script: `
import json, os
from authlib.integrations.requests_client import OAuth2Session
e = os.environ
method = 'client_secret_basic' if e['METHOD'] == 'basic' else 'client_secret_post'
session = OAuth2Session(e['CLIENT_ID'], e['CLIENT_SECRET'], token_endpoint_auth_method=method)
token = session.fetch_token(e['ISSUER'] + '/oauth/token', username=e['OWNER'], password=e['PASSWORD'])
print(json.dumps(token))`,
  },
  {
    name: 'oauth2 of Ruby',
    packages: ['ruby-oauth2'],
    program: 'ruby',
    options: ['-e'],
    script: `
      require 'json'
      require 'oauth2'
      scheme = ENV['METHOD'] == 'basic' ? :basic_auth : :request_body
      client = OAuth2::Client.new(ENV['CLIENT_ID'], ENV['CLIENT_SECRET'],
        site: ENV['ISSUER'], token_url: '/oauth/token', auth_scheme: scheme)
      puts client.password.get_token(ENV['OWNER'], ENV['PASSWORD']).to_hash.to_json`,
  },
  {
    name: 'curl of PHP',
    packages: ['php-cli', 'php-curl'],
    program: 'php',
    options: ['-r'],
    script: `
      $e = getenv();
      $form = ['grant_type' => 'password', 'username' => $e['OWNER'], 'password' => $e['PASSWORD']];
      $request = curl_init($e['ISSUER'] . '/oauth/token');
      if ($e['METHOD'] === 'basic') curl_setopt($request, CURLOPT_USERPWD, $e['CLIENT_ID'] . ':' . $e['CLIENT_SECRET']);
      else $form += ['client_id' => $e['CLIENT_ID'], 'client_secret' => $e['CLIENT_SECRET']];
      curl_setopt($request, CURLOPT_POSTFIELDS, http_build_query($form));
      curl_exec($request);`,
  },
  {
    name: 'httr2 of R',
    packages: ['r-cran-httr2', 'r-cran-jsonlite'],
    program: 'Rscript',
    options: ['-e'],
    script: `
      library(httr2)
      e <- Sys.getenv
      client <- oauth_client(e('CLIENT_ID'), paste0(e('ISSUER'), '/oauth/token'), e('CLIENT_SECRET'),
        auth = if (e('METHOD') == 'basic') 'header' else 'body')
      token <- oauth_flow_password(client, e('OWNER'), e('PASSWORD'))
      cat(jsonlite::toJSON(list(access_token = token$access_token), auto_unbox = TRUE))`,
  },
  {
    name: 'axios',
    packages: [],
    program: process.execPath,
    options: ['--input-type=module', '--eval'],
    script: `
      import axios from 'axios';
      const { ISSUER, METHOD, CLIENT_ID, CLIENT_SECRET, OWNER, PASSWORD } = process.env;
      const form = new URLSearchParams({ grant_type: 'password', username: OWNER, password: PASSWORD });
      const basic = METHOD === 'basic';
      if (!basic) {
        form.set('client_id', CLIENT_ID);
        form.set('client_secret', CLIENT_SECRET);
      }
      const auth = basic ? { username: CLIENT_ID, password: CLIENT_SECRET } : undefined;
      const { data } = await axios.post(ISSUER + '/oauth/token', form, { auth });
      console.log(JSON.stringify(data));`,
  },
];

/** All signs that HTTP Basic of OAuth wants encoded, once as something that can be decoded and once as something that cannot. */
const CLIENTS: readonly Credentials[] = [
  { clientId: 'decodable', secret: 'a+b/c%2Bd%41e==-0123456789-0123456789' },
  { clientId: 'not/decodable+=', secret: 'a+b/c%=d%zz%e+==-0123456789-0123456789' },
];

const OWNER = { username: 'zoë+1', password: 'a wörd+of %41 & = / signs' };

/** Some programs encode a secret in HTTP Basic as RFC 6749 section 2.3.1 wants, and most do not. */
describe('A client secret of +, /, % and = is sent by', () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack('sqlite', {
      configuration: aConfiguration({
        clients: [
          ...CLIENTS.map(({ clientId, secret }) => aClient({ client_id: clientId, client_secret: secret })),
          aResourceServer(),
        ],
        users: [aUser(OWNER)],
      }),
    });
  });

  afterAll(() => stack.stop());

  const login = async (
    { program, options, script }: Program,
    method: string,
    { clientId, secret }: Credentials,
  ): Promise<string> => {
    const { ended } = startProgram(program, [...options, script], {
      HOME: tmpdir(),
      LANG: 'C.UTF-8',
      // Authlib wants https otherwise.
      AUTHLIB_INSECURE_TRANSPORT: '1',
      ISSUER: stack.issuer,
      METHOD: method,
      CLIENT_ID: clientId,
      CLIENT_SECRET: secret,
      OWNER: OWNER.username,
      PASSWORD: OWNER.password,
    });
    return (await ended).output;
  };

  for (const program of PROGRAMS) {
    describeWithPrograms(program.name, program.packages, () => {
      it.each(['basic', 'body'])('by %s, and a wrong one is refused', async (method) => {
        for (const client of CLIENTS) {
          const output = await login(program, method, client);
          const [, token = output] = /"access_token": ?"([^"]+)"/.exec(output) ?? [];
          expect(expectActive(await stack.introspect(token))).toMatchObject({
            client_id: client.clientId,
            username: OWNER.username,
          });
        }
        const [{ clientId, secret }] = CLIENTS as [Credentials];
        const refused = await login(program, method, { clientId, secret: secret.replace('+', ' ') });
        expect(refused).not.toContain('access_token');
        expect(refused).toMatch(/invalid_client|401/);
      });
    });
  }
});
