import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { listenFault } from './listenFault.ts'

it('names the address that is taken, and the settings', async () => {
  const [first, second] = [createServer(), createServer()]
  await once(first.listen(0, '127.0.0.1'), 'listening')
  const { port } = first.address() as AddressInfo
  const [error] = await once(second.listen(port, '127.0.0.1'), 'error')
  first.close()
  const sentence = `127.0.0.1 port ${port} cannot be listened on (EADDRINUSE); free it, or set GATEHOUSE_PUSH`
  expect(listenFault(error)).toContain(sentence)
})

it('knows no other fault', () => {
  expect(listenFault(Object.assign(new Error('x'), { syscall: 'connect' }))).toBeNull()
  expect(listenFault(new Error('x'))).toBeNull()
  expect(listenFault('x')).toBeNull()
})
