// The ceiling: a bare server that reads a form body and answers JSON as large as the answer of introspection.
import { createServer } from 'node:http';

const answer = JSON.stringify({ active: true, padding: 'x'.repeat(Number(process.env.ANSWER_BYTES) - 28) });

createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (chunk) => (body += chunk));
  request.on('end', () => {
    new URLSearchParams(body).get('token');
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length });
    response.end(answer);
  });
}).listen(Number(process.env.PORT), '127.0.0.1');
