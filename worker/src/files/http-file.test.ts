import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import http, { type RequestListener, type Server } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { downloadFile, probeFile } from './http-file.ts';

const servers: Server[] = [];
async function listen(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

describe('files on the web', () => {
  let folder: string;
  let port: number;
  let tlsPort: number;
  const seen: { url: string; authorization: string | undefined }[] = [];

  const handler: RequestListener = (request, response) => {
    const url = request.url ?? '';
    seen.push({ url, authorization: request.headers.authorization });
    const redirect = (location: string) => response.writeHead(302, { location }).end();
    if (url.startsWith('/bank.csv')) response.end('a,b\n1,2\n');
    else if (url === '/big') response.writeHead(200, { 'content-length': '5000' }).end(Buffer.alloc(5000));
    else if (url === '/endless') {
      const send = () => {
        while (!response.destroyed && response.write(Buffer.alloc(10_000)));
      };
      response.on('drain', send);
      send();
    } else if (url === '/cut') {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half');
      setTimeout(() => response.destroy(), 20);
    } else if (url === '/hop') redirect('/bank.csv');
    else if (url === '/away') redirect(`http://localhost:${port}/bank.csv`);
    else if (url.startsWith('/loop')) redirect('/loop');
    else if (url === '/inside') redirect('http://169.254.169.254/latest/meta-data');
    else if (url === '/file') redirect('file:///etc/passwd');
    else if (url === '/downgrade') redirect(`http://127.0.0.1:${port}/bank.csv`);
    else if (url === '/zipped') response.writeHead(200, { 'content-encoding': 'gzip' }).end('x');
    else if (url === '/wait') response.writeHead(200).write('x');
    else response.writeHead(Number(url.slice(1)) || 404).end('no');
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kalla-http-'));
    port = await listen(http.createServer(handler));
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-days',
        '1',
        '-subj',
        '/CN=localhost',
        '-keyout',
        join(folder, 'key.pem'),
        '-out',
        join(folder, 'cert.pem'),
      ],
      { stdio: 'ignore' },
    );
    const tls = { key: await readFile(join(folder, 'key.pem')), cert: await readFile(join(folder, 'cert.pem')) };
    tlsPort = await listen(https.createServer(tls, handler));
  });
  afterAll(async () => {
    for (const server of servers) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
    await rm(folder, { recursive: true, force: true });
  });

  const options = (more: Partial<Parameters<typeof downloadFile>[2]> = {}) => ({
    signal: AbortSignal.timeout(20_000),
    allowPrivate: true,
    maxBytes: 4000,
    ...more,
  });
  const fetched = async (uri: string, more = {}) => {
    const path = join(folder, 'download');
    await downloadFile(uri, path, options(more));
    const text = await readFile(path, 'utf8');
    await rm(path);
    return text;
  };

  it('come over, through redirects too, where private addresses are allowed', async () => {
    expect(await fetched(`http://127.0.0.1:${port}/bank.csv?x=1`)).toBe('a,b\n1,2\n');
    expect(await fetched(`http://127.0.0.1:${port}/hop`)).toBe('a,b\n1,2\n');
    expect(await probeFile(`http://127.0.0.1:${port}/bank.csv`, options())).toEqual({ bytes: 8 });
  });

  it('are refused at addresses that are not public, before anything is sent', async () => {
    const before = seen.length;
    const addresses = [
      `https://127.0.0.1:${tlsPort}/bank.csv`,
      `https://localhost:${tlsPort}/bank.csv`,
      `https://[::1]:${tlsPort}/bank.csv`,
      `https://[::ffff:127.0.0.1]:${tlsPort}/bank.csv`,
      `https://2130706433:${tlsPort}/bank.csv`,
      `https://0x7f.1:${tlsPort}/bank.csv`,
      'https://169.254.169.254/latest/meta-data',
      'https://10.0.0.1/x',
      'https://0.0.0.0/x',
    ];
    for (const uri of addresses) {
      await expect(downloadFile(uri, join(folder, 'x'), options({ allowPrivate: false })), uri).rejects.toMatchObject({
        kind: 'permission',
        message: expect.stringContaining('is not public') as string,
        hint: expect.stringContaining('KALLA_ALLOW_PRIVATE_URLS') as string,
      });
    }
    await expect(
      downloadFile('http://example.com/x', join(folder, 'x'), options({ allowPrivate: false })),
    ).rejects.toMatchObject({ kind: 'permission' });
    expect(seen.length).toBe(before);
  });

  it('are checked again after each redirect', async () => {
    await expect(fetched(`http://127.0.0.1:${port}/file`)).rejects.toMatchObject({ kind: 'permission' });
    await expect(fetched(`http://127.0.0.1:${port}/loop`)).rejects.toThrow('redirects more than 5 times');
    expect(seen.filter((one) => one.url === '/loop').length).toBe(6);
  });

  it('do not carry credentials to another server, nor show them', async () => {
    seen.length = 0;
    await fetched(`http://ada:hunter2@127.0.0.1:${port}/away`);
    expect(seen).toEqual([
      { url: '/away', authorization: `Basic ${Buffer.from('ada:hunter2').toString('base64')}` },
      { url: '/bank.csv', authorization: undefined },
    ]);
    await expect(fetched(`http://ada:hunter2@127.0.0.1:${port}/404?sig=secret`)).rejects.toThrow(
      `There is no file at http://127.0.0.1:${port}/404 (status 404).`,
    );
  });

  it('with a password that is not written as addresses are get a sentence without it', async () => {
    const fault = fetched(`http://ada:10%zz@127.0.0.1:${port}/bank.csv`);
    await expect(fault).rejects.toMatchObject({ kind: 'config', hint: 'A % in them is written %25.' });
    await expect(fault).rejects.toThrow(
      `User or password in the address of http://127.0.0.1:${port}/bank.csv cannot be read.`,
    );
  });

  it('are limited in size, told or not, and leave nothing behind', async () => {
    for (const path of ['/big', '/endless']) {
      await expect(fetched(`http://127.0.0.1:${port}${path}`), path).rejects.toThrow('larger than the 4000 bytes');
    }
    await expect(fetched(`http://127.0.0.1:${port}/cut`)).rejects.toMatchObject({ kind: 'unreachable' });
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 50);
    await expect(fetched(`http://127.0.0.1:${port}/wait`, { signal: abort.signal })).rejects.toMatchObject({
      kind: 'cancelled',
    });
    expect((await readdir(folder)).sort()).toEqual(['cert.pem', 'key.pem']);
  });

  it('say what is wrong', async () => {
    const cases: [string, string][] = [
      ['/401', 'auth'],
      ['/403', 'permission'],
      ['/404', 'not-found'],
      ['/410', 'not-found'],
      ['/429', 'rate-limit'],
      ['/500', 'unreachable'],
      ['/zipped', 'unreachable'],
    ];
    for (const [path, kind] of cases)
      await expect(fetched(`http://127.0.0.1:${port}${path}`), path).rejects.toMatchObject({ kind });
    await expect(fetched('http://127.0.0.1:1/x')).rejects.toMatchObject({ kind: 'unreachable' });
    await expect(fetched('https://no-such-host.invalid/x')).rejects.toMatchObject({ kind: 'unreachable' });
    await expect(fetched(`https://localhost:${tlsPort}/bank.csv`)).rejects.toMatchObject({ kind: 'tls' });
  });
});
