/** True for `name:base64`, where the second part names a host as Elastic Cloud does: `cloud host $ deployment $ kibana`. */
export function isCloudId(text: string): boolean {
  return cloudParts(text) !== null;
}

/**
 * The address that requests go to.
 *
 * @example addressOf('https://es.example.com:9200/') === 'https://es.example.com:9200'
 */
export function addressOf(server: string): string {
  const cloud = cloudParts(server);
  if (cloud) return `https://${cloud.deployment}.${cloud.host}`;
  return server.replace(/\/+$/, '');
}

function cloudParts(text: string): { host: string; deployment: string } | null {
  const match = /^([^:/]*):([A-Za-z0-9+/]+=*)$/.exec(text);
  if (!match) return null;
  const [host = '', deployment = ''] = Buffer.from(match[2]!, 'base64').toString('latin1').split('$');
  // The port belongs to the host: "eu.example.com:443$deployment".
  const named = /^[A-Za-z0-9.-]+(:\d{1,5})?$/.test(host) && /^[A-Za-z0-9.-]+$/.test(deployment);
  if (!named) return null;
  const [name = '', port] = host.split(':');
  return { host: port && port !== '443' ? `${name}:${port}` : name, deployment };
}
