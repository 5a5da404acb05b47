/**
 * A real Elasticsearch node for tests, benchmarks and trying things out: the server of Maven Central, on 127.0.0.1 only, gone
 * after `stop()`. It needs a JDK 21 or newer and, to be installed once, Maven. What is not published there, and so not in it:
 * security, scaled_float, unsigned_long, scripts. `startFront` puts TLS and credentials before it.
 *
 * @example
 * const node = await startElasticsearch();
 * // node.url: http://127.0.0.1:54321
 * await node.stop();
 *
 * From a shell: `node scripts/parts/elasticsearch.mjs install`, and `… start [setting=value …]`, which prints the URL and stays
 * until SIGTERM or Ctrl-C.
 */
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { stayUntilEnded } from './server.mjs';

const run = promisify(execFile);
const HERE = join(dirname(fileURLToPath(import.meta.url)), 'elasticsearch');
const OLDEST_JAVA = 21;
const START_MS = 120_000;
const STOP_MS = 8_000;

/** Folder of the installed node, or null where it is not installed, or no JDK is there to run it. */
export function findElasticsearch() {
  const jdk = findJdk();
  const folder = jdk && installedFolder(jdk);
  return folder && existsSync(folder) ? folder : null;
}

/** A JDK with compiler, new enough: JAVA_HOME, else Debian's newest; null where there is none. */
function findJdk() {
  const debian = '/usr/lib/jvm';
  const found = existsSync(debian) ? readdirSync(debian).map((name) => join(debian, name)) : [];
  const known = [process.env.JAVA_HOME, ...found].flatMap((folder) => {
    const version = folder ? javaVersion(folder) : 0;
    return version >= OLDEST_JAVA ? [{ folder, version }] : [];
  });
  known.sort((a, b) => b.version - a.version);
  return known[0]?.folder ?? null;
}

function javaVersion(jdk) {
  const release = join(jdk, 'release');
  if (!existsSync(join(jdk, 'bin', 'javac')) || !existsSync(release)) return 0;
  return Number(/JAVA_VERSION="(\d+)/.exec(readFileSync(release, 'utf8'))?.[1] ?? 0);
}

/** One folder for each content of what it is made from. */
function installedFolder(jdk) {
  const hash = createHash('sha256').update(jdk);
  for (const file of ['pom.xml', ...sources()]) hash.update(readFileSync(join(HERE, file)));
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(cache, 'kalla-parts', `elasticsearch-${hash.digest('hex').slice(0, 16)}`);
}

function sources() {
  return readdirSync(HERE, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.java'))
    .sort();
}

/** Fetches the server with Maven and compiles what starts it, unless that was done before. Takes about 20 s. */
export async function installElasticsearch() {
  const jdk = findJdk();
  if (!jdk)
    throw new Error(
      'Elasticsearch needs a JDK 21 or newer. On Debian or Ubuntu: apt-get install openjdk-21-jdk-headless.',
    );
  const folder = installedFolder(jdk);
  if (existsSync(folder)) return folder;
  await mkdir(dirname(folder), { recursive: true });
  const making = await mkdtemp(`${folder}-`);
  try {
    const lib = join(making, 'lib');
    const env = { ...process.env, JAVA_HOME: jdk };
    const plugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies';
    const args = [
      '-q',
      '-B',
      '-f',
      join(HERE, 'pom.xml'),
      plugin,
      `-DoutputDirectory=${lib}`,
      '-DincludeScope=runtime',
    ];
    await run('mvn', args, { env });
    const classes = join(making, 'classes');
    const java = sources().map((file) => join(HERE, file));
    await run(join(jdk, 'bin', 'javac'), ['-nowarn', '-proc:none', '-cp', `${lib}/*`, '-d', classes, ...java]);
    await run(join(jdk, 'bin', 'jar'), ['--create', '--file', join(lib, '0-node.jar'), '-C', classes, '.']);
    await linkZstd(join(making, 'native'));
    // Whole or not at all, also where two install at once.
    await rename(making, folder);
  } catch (error) {
    await rm(making, { recursive: true, force: true });
    if (error.code === 'ENOTEMPTY' || error.code === 'EEXIST') return folder;
    if (error.code === 'ENOENT' && error.path === 'mvn')
      throw new Error('Elasticsearch is fetched with Maven, which is not installed: apt-get install maven.', {
        cause: error,
      });
    throw error;
  }
  return folder;
}

/** The server looks for the library of compression under this name. */
async function linkZstd(native) {
  await mkdir(native);
  for (const arch of readdirSync('/usr/lib')) {
    const library = join('/usr/lib', arch, 'libzstd.so.1');
    if (existsSync(library)) return symlink(library, join(native, 'libzstd.so'));
  }
}

/**
 * Starts a node and waits until it answers. Throws where it is not installed or does not start within 120 s.
 *
 * @param {{ settings?: Record<string, string | number | boolean>, heap?: string }} [options] settings of Elasticsearch
 * @returns {Promise<{ url: string, port: number, stop(): Promise<void> }>}
 */
export async function startElasticsearch({ settings = {}, heap = '512m' } = {}) {
  const folder = findElasticsearch();
  if (!folder) throw new Error('Elasticsearch is not installed here: node scripts/parts/elasticsearch.mjs install');
  const home = await mkdtemp(join(tmpdir(), 'kalla-elasticsearch-'));
  const child = spawn(join(findJdk(), 'bin', 'java'), javaArguments(folder, home, settings, heap), {
    cwd: home,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const gone = new Promise((resolve) => child.once('close', resolve));
  // The last resort when the program ends without stop(): nothing may be awaited here any more.
  const onExit = () => {
    child.kill('SIGKILL');
    rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  process.once('exit', onExit);
  let stopping = null;
  const stop = () =>
    (stopping ??= (async () => {
      child.ref();
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await gone;
      clearTimeout(timer);
      await rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
      process.removeListener('exit', onExit);
    })());
  try {
    const address = await addressOf(child, home);
    for (const stream of [child, child.stdout, child.stderr]) stream.unref?.();
    return { url: `http://${address}`, port: Number(address.split(':').at(-1)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function javaArguments(folder, home, settings, heap) {
  return [
    `-Xms${heap}`,
    `-Xmx${heap}`,
    '-XX:+UseG1GC',
    '--enable-native-access=ALL-UNNAMED',
    '-Dio.netty.noUnsafe=true',
    `-Des.nativelibs.path=${join(folder, 'native')}`,
    '-Dorg.elasticsearch.nativeaccess.enableVectorLibrary=false',
    '-cp',
    join(folder, 'lib', '*'),
    'org.elasticsearch.node.LoopbackNode',
    '0',
    home,
    ...Object.entries(settings).map(([name, value]) => `${name}=${value}`),
  ];
}

/** The node writes its address when it answers; it says why when it ends before. */
async function addressOf(child, home) {
  let said = '';
  let ended = null;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    // Read for the whole life of the node, or it stops when the pipe is full.
    stream.on('data', (text) => (said = (said + text).slice(-4000)));
  }
  child.once('error', (error) => (ended = error.message));
  child.once('exit', (code) => (ended = `it ended with code ${code}`));
  const file = join(home, 'http.address');
  for (const until = Date.now() + START_MS; ; await sleep(50)) {
    if (existsSync(file)) return (await readFile(file, 'utf8')).trim();
    if (ended ?? Date.now() > until)
      throw new Error(
        `Elasticsearch did not start: ${ended ?? `not ready after ${START_MS / 1000} s`}.\n${said.trim()}`,
      );
  }
}

/**
 * TLS and credentials before a node, answered as Elasticsearch's own security answers.
 *
 * @param {{ upstream: number, allowed: string[], tls?: boolean }} options `allowed`: values of the header Authorization
 * @returns {Promise<{ url: string, certificate: string | null, stop(): Promise<void> }>} `certificate` is PEM text
 */
export async function startFront({ upstream, allowed, tls = true }) {
  const home = await mkdtemp(join(tmpdir(), 'kalla-front-'));
  const args = [String(upstream), ...allowed];
  let certificate = null;
  if (tls) {
    const [key, crt] = [join(home, 'front.key'), join(home, 'front.crt')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    const what = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', crt];
    await run('openssl', ['req', ...what, ...subject], { cwd: home });
    certificate = await readFile(crt, 'utf8');
    await writeFile(join(home, 'tls.json'), JSON.stringify({ key: await readFile(key, 'utf8'), cert: certificate }));
    args.unshift('--tls', join(home, 'tls.json'));
  }
  const child = spawn(process.execPath, [join(HERE, 'front.mjs'), ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = new Promise((resolve) => child.once('close', resolve));
  child.stdout.setEncoding('utf8');
  const port = await new Promise((resolve, reject) => {
    child.stdout.once('data', (text) => resolve(text.trim()));
    child.once('exit', (code) => reject(new Error(`The front ended with code ${code}.`)));
  });
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    certificate,
    stop: async () => {
      child.kill();
      await gone;
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function main([verb, ...args]) {
  if (verb === 'install') return console.log(await installElasticsearch());
  if (verb !== 'start') {
    console.error('Usage: node scripts/parts/elasticsearch.mjs install | start [setting=value …]');
    process.exitCode = 2;
    return;
  }
  const settings = Object.fromEntries(
    args.map((one) => [one.slice(0, one.indexOf('=')), one.slice(one.indexOf('=') + 1)]),
  );
  const node = await startElasticsearch({ settings });
  console.log(node.url);
  stayUntilEnded(node);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await main(process.argv.slice(2));
