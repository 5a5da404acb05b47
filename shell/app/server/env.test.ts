import { describe, expect, it } from 'vitest';
import { EnvError, isLoopback, parseEnv } from './env.server.ts';

describe('parseEnv', () => {
  it('has defaults for all', () => {
    expect(parseEnv({})).toMatchObject({
      port: null,
      host: '127.0.0.1',
      workerUrl: 'http://127.0.0.1:9090',
      sample: true,
      maxUploadBytes: 5 * 1024 ** 3,
      databaseUrl: null,
    });
    expect(parseEnv({ PORT: '', HOST: '', KALLA_SAMPLE: '0' })).toMatchObject({
      port: null,
      host: '127.0.0.1',
      sample: false,
    });
  });

  it.each([
    [{ PORT: 'x' }, /PORT is a number/],
    [{ PORT: '70000' }, /PORT is a number/],
    [{ HOST: '0.0.0.0' }, /no sign-in/],
    [{ HOST: 'example.org' }, /no sign-in/],
    [{ NATS_URL: 'nats://h' }, /NATS_URL is set.*scaled mode comes later/],
    [{ AWS_ENDPOINT_URL: 'http://s3' }, /AWS_ENDPOINT_URL is set/],
    [{ GCS_BUCKET: 'b' }, /GCS_BUCKET is set/],
    [{ DATABASE_URL: 'mysql://h' }, /DATABASE_URL begins/],
    [{ WORKER_URL: 'worker' }, /WORKER_URL is an address/],
    [{ KALLA_SECRET_KEY: 'short' }, /KALLA_SECRET_KEY is 32 bytes/],
    [{ KALLA_MAX_UPLOAD_BYTES: '5GB' }, /whole number of bytes/],
    [{ KALLA_MAX_CONNECTOR_BYTES: '-1' }, /whole number of bytes/],
    [{ KALLA_NPM_REGISTRY: 'https://ada:secret@npm.example' }, /A token belongs into npm's own configuration/],
    [{ KALLA_NPM_REGISTRY: '--flag' }, /is the address of an npm registry/],
  ])('refuses %o with a sentence', (raw, sentence) => {
    expect(() => parseEnv(raw)).toThrow(EnvError);
    expect(() => parseEnv(raw)).toThrow(sentence);
  });

  it('names all faults at once', () => {
    expect(() => parseEnv({ HOST: '0.0.0.0', NATS_URL: 'nats://h' })).toThrow(/NATS_URL[\s\S]*HOST/);
  });

  it('knows what only this machine reaches', () => {
    for (const host of ['localhost', '127.0.0.1', '127.1.2.3', '::1', '[::1]', 'a.localhost'])
      expect(isLoopback(host)).toBe(true);
    for (const host of ['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.evil.example', 'localhost.evil.example', ''])
      expect(isLoopback(host)).toBe(false);
  });
});
