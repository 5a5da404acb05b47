// TLS and credentials before a test node, whose own security is not published to Maven Central.
// front.mjs [--tls FILE] UPSTREAM-PORT 'Basic …' ['ApiKey …' …]: prints its port. FILE holds { "key": PEM, "cert": PEM }.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';

const args = process.argv.slice(2);
const tls = args[0] === '--tls' ? JSON.parse(readFileSync(args.splice(0, 2)[1], 'utf8')) : null;
const [upstream, ...allowed] = args;
const agent = new http.Agent({ keepAlive: true });

const server = tls ? https.createServer(tls, answer) : http.createServer(answer);
server.listen(0, '127.0.0.1', () => console.log(server.address().port));

function answer(req, res) {
  const said = req.headers.authorization;
  if (!allowed.includes(said)) return refuse(req, res, said);
  const options = { host: '127.0.0.1', port: upstream, method: req.method, path: req.url, headers: req.headers, agent };
  const up = http.request(options, (reply) => {
    res.writeHead(reply.statusCode, reply.headers);
    reply.pipe(res);
  });
  up.on('error', () => res.destroy());
  // Who goes away takes the request along, as a real server has it.
  res.on('close', () => {
    if (!res.writableFinished) up.destroy();
  });
  req.pipe(up);
}

function refuse(req, res, said) {
  const reason = said
    ? 'unable to authenticate with provided credentials'
    : `missing authentication credentials for REST request [${req.url}]`;
  const cause = { type: 'security_exception', reason };
  res.writeHead(401, {
    'content-type': 'application/json',
    'x-elastic-product': 'Elasticsearch',
    'www-authenticate': 'Basic realm="security", charset="UTF-8"',
  });
  res.end(JSON.stringify({ error: { root_cause: [cause], ...cause }, status: 401 }));
}
