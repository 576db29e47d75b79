/** Ends with 0 when the server of this container is ready. */
import { get as getHttp } from 'node:http';
import { get as getHttps } from 'node:https';

const { PORT, TLS_CERT_FILE } = process.env;
const get = TLS_CERT_FILE ? getHttps : getHttp;
// The certificate names the public host, and nobody comes between a container and itself.
const options = { host: '127.0.0.1', port: PORT, path: '/health/ready', rejectUnauthorized: false };
get(options, ({ statusCode }) => process.exit(statusCode === 200 ? 0 : 1)).on('error', () => process.exit(1));
