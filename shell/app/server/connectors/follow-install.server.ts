import type { ConnectorInstall, InstallEvent } from '@kalla/core';
import { followWork } from '../http/follow-work.server.ts';
import { installConnector } from './install-connector.server.ts';

/**
 * Installs and tells of each step as it begins, as server-sent events: the last is what was installed, or a `problem`. Who stops
 * listening cancels the installation.
 */
export function followInstall(request: ConnectorInstall, gone: AbortSignal): Response {
  return followWork<InstallEvent>(gone, 'an installation failed', async (tell, signal) => ({
    installed: await installConnector(request, signal, (step, message) => tell({ step, message })),
  }));
}
