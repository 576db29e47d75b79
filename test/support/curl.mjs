#!/usr/bin/env node
// Stands in for curl where a machine has none: understands just what the printed lines use.
const [, , ...words] = process.argv;
const headers = {};
const data = [];
let url;
while (words.length > 0) {
  const word = words.shift();
  if (word === '-s') continue;
  else if (word === '-u') headers.authorization = `Basic ${Buffer.from(words.shift()).toString('base64')}`;
  else if (word === '-d') data.push(words.shift());
  else if (word === '-H') {
    const [name, ...value] = words.shift().split(':');
    headers[name.toLowerCase()] = value.join(':').trim();
  } else url = word;
}
if (data.length > 0) headers['content-type'] ??= 'application/x-www-form-urlencoded';
const body = data.length > 0 ? data.join('&') : undefined;
const response = await fetch(url, { method: body === undefined ? 'GET' : 'POST', headers, body });
process.stdout.write(await response.text());
