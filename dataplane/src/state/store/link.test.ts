import { expect, it, vi } from 'vitest'
import type { StoreConnection } from './connection.ts'
import { StoreLink } from './link.ts'
import { storeScript } from './script.ts'

it('closes what it was given when that has ended before it could be used', async () => {
  const close = vi.fn()
  const connection: StoreConnection = { send: () => Promise.reject(new Error('it has ended')), close }
  const link = new StoreLink({
    open: (lost) => {
      lost('moved')
      return Promise.resolve(connection)
    },
    deadline: 40,
    random: () => 0,
    failed: () => {},
    changed: () => {},
  })
  expect(await link.run(storeScript('return 1'), [], [], '')).toEqual({ ok: false, fault: 'moved' })
  expect(close).toHaveBeenCalledOnce()
  link.close()
})
