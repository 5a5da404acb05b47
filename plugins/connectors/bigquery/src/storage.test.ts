import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { createSecureServer, type IncomingHttpHeaders } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { protos } from '@google-cloud/bigquery-storage';
import { calm } from '@kalla/testkit';
import { afterAll, expect, it, vi } from 'vitest';
import type { BigQueryConfig } from './config.ts';
import { signIn } from './credentials.ts';
import { Storage } from './storage.ts';

/** Where whom gRPC trusts will be: it has to know that when it is loaded. */
const home = vi.hoisted(() => {
  const { mkdtempSync } = process.getBuiltinModule('node:fs');
  const folder = mkdtempSync(`${process.getBuiltinModule('node:os').tmpdir()}/kalla-storage-`);
  process.env['GRPC_DEFAULT_SSL_ROOTS_FILE_PATH'] = `${folder}/certificate.pem`;
  return folder;
});
const [certificate, key] = [join(home, 'certificate.pem'), join(home, 'key.pem')];
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** What no emulator has: TLS, by which Google's own service is told who asks. */
it('signs calls over TLS, and says for which table they are', async () => {
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const files = ['-keyout', key, '-out', certificate];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...files, ...names], {
    stdio: 'ignore',
  });
  const calls: IncomingHttpHeaders[] = [];
  const server = createSecureServer({ key: readFileSync(key), cert: readFileSync(certificate) });
  server.on('stream', (stream, headers) => {
    calls.push(headers);
    stream.on('error', () => undefined);
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.end(answerTo(String(headers[':path'])));
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');

  const config: BigQueryConfig = {
    project: 'acme-finance',
    credentials: { kind: 'service-account', key: keyFile() },
    connect_timeout: 10,
  };
  {
    const { port } = server.address() as AddressInfo;
    await using storage = new Storage(config, await signIn(config), { host: 'localhost', port, secure: true });
    storage.warm();
    const request = { project: 'acme-finance', dataset: 'ledger', table: 'bills', columns: ['id'], where: null };
    const session = await storage.open(request, calm());
    expect(session).toMatchObject({ streams: ['s/1'], rows: 2, bytes: 30 });
    const rows: number[] = [];
    for await (const message of storage.messages('s/1', 'ledger.bills', calm())) rows.push(message.rows);
    expect(rows).toEqual([2, 3]);
  }
  await new Promise((resolve) => server.close(resolve));

  expect(calls.map((headers) => headers['x-goog-request-params'])).toEqual([
    'read_session.table=projects%2Facme-finance%2Fdatasets%2Fledger%2Ftables%2Fbills',
    'read_stream=s%2F1',
  ]);
  for (const { authorization } of calls) {
    const claims = JSON.parse(Buffer.from(String(authorization).split('.')[1]!, 'base64url').toString()) as unknown;
    expect(claims).toMatchObject({ iss: 'kalla@acme-finance.iam.gserviceaccount.com' });
  }
});

function answerTo(path: string): Buffer {
  const { ReadSession, ReadRowsResponse } = protos.google.cloud.bigquery.storage.v1;
  const rows = (rowCount: number) => ReadRowsResponse.encode({ rowCount }).finish();
  if (path.endsWith('/ReadRows')) return Buffer.concat([rows(2), rows(0), rows(3)].map(framed));
  const session = { streams: [{ name: 's/1' }], estimatedRowCount: 2, estimatedTotalBytesScanned: 30 };
  return framed(ReadSession.encode(session).finish());
}

/** A message of gRPC: not compressed, its length, its bytes. */
function framed(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

function keyFile(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return JSON.stringify({
    type: 'service_account',
    project_id: 'acme-finance',
    private_key_id: 'a1b2c3',
    private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    client_email: 'kalla@acme-finance.iam.gserviceaccount.com',
    token_uri: 'https://oauth2.googleapis.com/token',
  });
}
