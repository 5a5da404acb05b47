import { lookup as dnsLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { ConnectorError } from '@kalla/core';
import ipaddr from 'ipaddr.js';

/** Public ranges that belong to a cloud's inside all the same: Azure's wire server. */
const CLOUD_INTERNAL = new Set(['168.63.129.16']);

/**
 * True where an IP address is one of the public internet. Private, loopback, link-local, shared (CGNAT), multicast,
 * reserved and metadata addresses are not, in any spelling; nor is anything that is no address.
 *
 * @example
 * isPublicAddress('93.184.215.14') === true; isPublicAddress('::ffff:127.0.0.1') === false;
 */
export function isPublicAddress(address: string): boolean {
  if (!isIP(address)) return false; // Stricter than ipaddr.js, which takes "1.2.3" as well.
  const parsed = ipaddr.process(address); // An IPv4 address mapped into IPv6 becomes what it is.
  if (CLOUD_INTERNAL.has(parsed.toString())) return false;
  if (parsed.range() !== 'unicast') return false;
  // Of IPv6 only 2000::/3 is handed out; old "IPv4-compatible" forms such as ::7f00:1 lie elsewhere.
  return parsed.kind() === 'ipv4' || (parsed.toByteArray()[0]! & 0xe0) === 0x20;
}

/** The refusal of an address. */
export function privateAddressError(host: string): ConnectorError {
  return new ConnectorError(
    'permission',
    `The address "${host}" is not public, and this worker reads from public addresses only.`,
    {
      hint: 'The operator can allow it by setting KALLA_ALLOW_PRIVATE_URLS=1.',
    },
  );
}

/**
 * A `lookup` for `node:net` that gives only addresses that were checked: the connection goes to the very address of the
 * answer that was looked at, so that a name cannot change between the check and the connect.
 */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  dnsLookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, '');
    const [first] = addresses;
    // One private address among public ones is refused as well: which one is used would be chance.
    if (!first || !addresses.every((one) => isPublicAddress(one.address))) {
      return callback(privateAddressError(hostname) as NodeJS.ErrnoException, '');
    }
    if (options.all) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};
