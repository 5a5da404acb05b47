/**
 * Asks for the contracts, which panels share with the shell, when the page's own scripts come: a page whose panel needs them would
 * else wait for them once more after its panel has come. To be called where a module of such a page begins.
 */
export function fetchContracts(): void {
  if (typeof document !== 'undefined') void import('@kalla/core').catch(() => undefined); // Who waits for them tells.
}
