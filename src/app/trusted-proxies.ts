import { createHmac } from 'node:crypto'
import type { EdgeConf } from '../config/index.ts'
import type { ProxyTrust } from '../http/caller.ts'

/** Whom the edge believes, and by what it knows an nginx that has checked a token. */
export function proxyTrustOf({ trustedProxies, antiSteal }: EdgeConf): ProxyTrust {
  return { proxies: trustedProxies, tokenProof: tokenProofOf(antiSteal.secretKey) }
}

/** Made of the key of the tokens, so that there is no second secret to keep in step. */
export function tokenProofOf(secretKey: string): string | undefined {
  if (secretKey === '') return undefined
  return createHmac('sha256', secretKey)
    .update('dfs-edge: nginx has checked the token')
    .digest('hex')
}
