import { expect, it } from 'vitest'
import { connect } from './connection.ts'

/** A port that is always refused. */
const endpoint = { address: '127.0.0.1', port: 1, tls: null, login: null }
const attempts = 40

it('takes no time from requests to look for a store, again and again and at several places', async () => {
  const began = process.cpuUsage()
  const ends = Array.from({ length: attempts }, (_, index) =>
    connect({ ...endpoint, address: `127.0.0.${index + 1}` }, 1000, () => {}).catch(() => 'refused'),
  )
  const { user, system } = process.cpuUsage(began)
  expect(await Promise.all(ends)).toEqual(Array.from({ length: attempts }, () => 'refused'))
  // A client that builds all commands that there are for each connection takes tens.
  expect((user + system) / 1000 / attempts).toBeLessThan(3)
})
