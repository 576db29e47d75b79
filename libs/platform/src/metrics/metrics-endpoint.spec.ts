import { describe, expect, it } from '@jest/globals';
import { ConfigurationError } from '../environment/configuration-error.js';
import { EnvironmentReader } from '../environment/environment-reader.js';
import { readMetricsEndpoint } from './metrics-endpoint.js';

function read(environment: Record<string, string>, serverPort = 3000) {
  const reader = new EnvironmentReader(environment);
  const endpoint = readMetricsEndpoint(reader, serverPort);
  reader.assertValid();
  return endpoint;
}

describe('readMetricsEndpoint', () => {
  it('serves nothing unless a port is set', () => {
    expect(read({})).toBeNull();
    expect(read({ METRICS_PORT: '' })).toBeNull();
    expect(read({ METRICS_HOST: '0.0.0.0' })).toBeNull();
  });

  it('answers this machine alone unless another address is set', () => {
    expect(read({ METRICS_PORT: '9464' })).toEqual({ host: '127.0.0.1', port: 9464 });
    expect(read({ METRICS_PORT: '9464', METRICS_HOST: '0.0.0.0' })).toEqual({ host: '0.0.0.0', port: 9464 });
  });

  it.each(['-1', '65536', '9464.5', 'on'])('refuses the port %j', (METRICS_PORT) => {
    expect(() => read({ METRICS_PORT })).toThrow(ConfigurationError);
  });

  it("refuses the server's own port, but takes any free one beside any free one", () => {
    expect(() => read({ METRICS_PORT: '3000' })).toThrow('METRICS_PORT must differ from PORT');
    expect(read({ METRICS_PORT: '0' }, 0)).toEqual({ host: '127.0.0.1', port: 0 });
  });
});
