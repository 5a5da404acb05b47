import { createContext, useContext } from 'react';

/** The nonce of the response's content security policy. Only the server knows it; in the browser it is undefined. */
export const NonceContext = createContext<string | undefined>(undefined);

/** The nonce for scripts and style links of this response. */
export function useNonce(): string | undefined {
  return useContext(NonceContext);
}
