// Sends requests, shows them with their answers, and counts the answers that are not as expected.

/** Longer values are shown by their ends. */
const SHOWN = { head: 24, tail: 8, whole: 80 };

export class Conversation {
  wrong = 0;
  #step = 0;

  chapter(title) {
    console.log(`\n== ${title}`);
  }

  /** Posts a form as a client. @param expected status, and the error code if there is one */
  form(title, url, form, client, expected) {
    const credentials = Buffer.from(`${client.client_id}:${client.client_secret}`).toString('base64');
    const body = new URLSearchParams(form);
    const shown = Object.entries(form).map(([name, value]) => `${name}=${shorten(value)}`);
    return this.#send(
      title,
      url,
      { method: 'POST', headers: { authorization: `Basic ${credentials}` }, body },
      expected,
      [`Authorization: Basic (${client.client_id}:${client.client_secret})`, ...shown],
    );
  }

  /** Calls the resource server with JSON. */
  api(title, method, url, accessToken, body, expected) {
    const headers = {
      ...(accessToken !== null && { authorization: `Bearer ${accessToken}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    };
    const text = body === undefined ? undefined : JSON.stringify(body);
    const shown = [
      ...(accessToken === null ? [] : [`Authorization: Bearer ${shorten(accessToken)}`]),
      ...(text === undefined ? [] : [text]),
    ];
    return this.#send(title, url, { method, headers, body: text }, expected, shown);
  }

  check(title, holds) {
    console.log(`\n   ${holds ? 'ok' : 'WRONG'}: ${title}`);
    if (!holds) this.wrong++;
  }

  async #send(title, url, options, [status, error], shown) {
    this.#step++;
    console.log(`\n${this.#step}. ${title}\n   > ${options.method} ${url}`);
    for (const line of shown) console.log(`   > ${line}`);
    const response = await fetch(url, options);
    const text = await response.text();
    const body = text === '' ? {} : JSON.parse(text);
    console.log(`   < ${response.status} ${response.statusText}`);
    const challenge = response.headers.get('www-authenticate');
    if (challenge !== null) console.log(`   < WWW-Authenticate: ${challenge}`);
    for (const [name, value] of Object.entries(body))
      console.log(`   < ${name}: ${shorten(JSON.stringify(value))}`);
    if (response.status !== status || (error !== undefined && body.error !== error)) {
      console.log(`   WRONG: expected ${status} ${error ?? ''}`);
      this.wrong++;
    }
    return body;
  }
}

function shorten(text) {
  if (text.length <= SHOWN.whole) return text;
  return `${text.slice(0, SHOWN.head)}...${text.slice(-SHOWN.tail)}`;
}
