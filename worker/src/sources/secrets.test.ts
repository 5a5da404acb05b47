import { expect, test } from 'vitest';
import { splitSecrets } from './secrets.ts';

const schema = {
  properties: {
    uri: { type: 'string' },
    nodes: { type: 'array' },
    password: { type: 'string', writeOnly: true },
    options: { properties: { proxy: { type: 'string' }, delimiter: { type: 'string' } } },
  },
};

test('an address is shown without its password or signature and kept whole among the secrets', () => {
  const config = {
    uri: 'https://ada:s3cret@bank.example/a.csv?X-Amz-Signature=abc&day=1',
    nodes: ['https://one.example', 'https://u:p@two.example/'],
    options: { proxy: 'http://u:p@proxy.example/', delimiter: ';' },
  };
  expect(splitSecrets(config, schema)).toEqual({
    shown: {
      uri: 'https://bank.example/a.csv?day=1',
      nodes: ['https://one.example', 'https://two.example/'],
      options: { proxy: 'http://proxy.example/', delimiter: ';' },
    },
    secrets: { uri: config.uri, nodes: config.nodes, options: { proxy: config.options.proxy } },
  });
});

test('what holds no secret is shown as it is, and only there', () => {
  const config = { uri: 'file:///statements/a.csv', options: { delimiter: ',' } };
  expect(splitSecrets(config, schema)).toEqual({ shown: config, secrets: {} });
});
