import { startSlowClients } from '../bench/slow-clients.ts'
import { childArgument, sayReady } from '../support/child.ts'

const { url, ...slow } = childArgument<{ url: string } & Parameters<typeof startSlowClients>[1]>()
startSlowClients(url, slow)
sayReady(true)
