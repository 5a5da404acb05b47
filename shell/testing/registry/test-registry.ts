import { randomBytes } from 'node:crypto';
import type { PackedFixture } from './pack-package.ts';

export interface PublishOptions {
  /** What the registry is told of the packed file, in place of the truth. */
  dist?: Record<string, unknown>;
  /** What the registry is told of the package, in place of its package.json. */
  listed?: Record<string, unknown>;
}

/** A registry that tests publish to. */
export interface TestRegistryUser {
  url: string;
  token: string;
  /** Publishes a package. One that is there already, with the same file, stays: tests that share a registry share packages. */
  publish(fixture: PackedFixture, options?: PublishOptions): Promise<void>;
}

/** Of users who are made at the same moment verdaccio can lose one, and then refuses its password. */
const TRIES = 5;

/** Makes a user at the registry, who may publish. */
export async function registryUser(url: string, tries = TRIES): Promise<TestRegistryUser> {
  const name = `user-${randomBytes(6).toString('hex')}`;
  const user = { name, password: randomBytes(12).toString('hex') };
  let made: Response;
  try {
    made = await put(`${url}/-/user/org.couchdb.user:${name}`, user);
  } catch (error) {
    if (tries <= 1) throw error;
    return registryUser(url, tries - 1);
  }
  const { token } = (await made.json()) as { token: string };
  return {
    url,
    token,
    publish: async ({ manifest, tarball, integrity }, { dist = {}, listed = {} } = {}) => {
      const shown = { ...manifest, ...listed } as PackedFixture['manifest'];
      const file = `${shown.name}-${shown.version}.tgz`;
      const version = {
        ...shown,
        _id: `${shown.name}@${shown.version}`,
        dist: { integrity, tarball: `${url}/${shown.name}/-/${file}`, ...dist },
      };
      const body = {
        _id: shown.name,
        name: shown.name,
        'dist-tags': { latest: shown.version },
        versions: { [shown.version]: version },
        _attachments: {
          [file]: {
            content_type: 'application/octet-stream',
            data: tarball.toString('base64'),
            length: tarball.length,
          },
        },
      };
      const address = `${url}/${shown.name.replace('/', '%2f')}`;
      try {
        await put(address, body, token);
      } catch (error) {
        if (!(await isThere(address, shown.version, version.dist.integrity))) throw error;
      }
    },
  };
}

async function isThere(address: string, version: string, integrity: unknown): Promise<boolean> {
  const answer = await fetch(address);
  if (!answer.ok) return false;
  const { versions } = (await answer.json()) as { versions: Record<string, { dist: { integrity: unknown } }> };
  return versions[version]?.dist.integrity === integrity;
}

async function put(url: string, body: unknown, token?: string): Promise<Response> {
  const response = await fetch(url, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`The registry answered ${response.status}: ${await response.text()}`);
  return response;
}
