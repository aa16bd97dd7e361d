import { createServer } from 'node:http'
import { childArgument, sayReady } from '../support/child.ts'

const { size } = childArgument<{ size: number }>()
const body = Buffer.alloc(size, 1)
const headers = { 'Content-Type': 'image/jpeg', 'Content-Length': size }
const server = createServer((_request, response) => response.writeHead(200, headers).end(body))
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  sayReady({ url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/` })
})
