// What a client of the pair does, through the published ports.

export class Clients {
  constructor(ports, { clientId, clientSecret, username, password }) {
    this.tokenEndpoint = `http://127.0.0.1:${ports.authorizationServer}/oauth/token`;
    this.resources = `http://127.0.0.1:${ports.resourceServer}/resources`;
    this.basic = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`;
    this.owner = { username, password };
  }

  logIn() {
    return this.#token({ grant_type: 'password', ...this.owner });
  }

  refresh(refreshToken) {
    return this.#token({ grant_type: 'refresh_token', refresh_token: refreshToken });
  }

  create(token, resource) {
    return json(this.resources, 201, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(resource),
    });
  }

  read(token, id) {
    return json(`${this.resources}/${id}`, 200, { headers: { authorization: `Bearer ${token}` } });
  }

  #token(parameters) {
    return json(this.tokenEndpoint, 200, {
      method: 'POST',
      headers: { authorization: this.basic },
      body: new URLSearchParams(parameters),
    });
  }
}

async function json(url, status, options) {
  const response = await fetch(url, options);
  const body = await response.text();
  if (response.status !== status) {
    throw new Error(`${options.method ?? 'GET'} ${url} answered ${response.status} ${body}`);
  }
  return JSON.parse(body);
}
