import { describe, expect, it } from 'vitest'
import { CommandError, exitStatus } from '../exit.ts'
import { readDevOptions } from './options.ts'

describe('readDevOptions', () => {
  it('reads folders, addresses and upstreams', async () => {
    const options = await readDevOptions([
      ...['-f', 'a', '--folder', 'b', '--http', '[::1]:0', '--https', 'localhost:8443'],
      ...['--upstream', 'shop/orders=127.0.0.1:3000', '--upstream', 'shop/orders:81=[::1]:3001'],
    ])
    expect(options).toEqual({
      folders: ['a', 'b'],
      http: { address: '::1', port: 0 },
      https: { address: '127.0.0.1', port: 8443 },
      admin: { address: '127.0.0.1', port: 9090 },
      upstreams: new Map([
        ['shop/orders', { address: '127.0.0.1', port: 3000 }],
        ['shop/orders:81', { address: '::1', port: 3001 }],
      ]),
    })
  })

  it('finds the address of a host', async () => {
    const options = await readDevOptions(['-f', 'a', '--upstream', 'shop/orders=localhost:1'])
    expect(options?.upstreams.get('shop/orders')?.address).toMatch(/^(127\.0\.0\.1|::1)$/)
  })

  it.each([
    ['--http', '8080'],
    ['--http', 'example.com:80'],
    ['--admin', '127.0.0.1:65536'],
    ['--https', '::1:80'],
    ['--upstream', 'shop/orders'],
    ['--upstream', 'shop/orders=127.0.0.1'],
    ['--upstream', 'shop/orders=127.0.0.1:0'],
    ['--upstream', 'Shop/orders=127.0.0.1:1'],
    ['--upstream', 'shop/orders:0=127.0.0.1:1'],
  ])('refuses %s %s', async (flag, value) => {
    const error = await readDevOptions(['-f', 'a', flag, value]).catch((one: unknown) => one)
    expect(error).toBeInstanceOf(CommandError)
    expect(error).toMatchObject({ status: exitStatus.usage, message: expect.stringContaining(flag) as string })
  })

  it('refuses two targets for one Service, and no folder', async () => {
    const twice = ['--upstream', 'shop/a=127.0.0.1:1', '--upstream', 'shop/a=127.0.0.1:2']
    await expect(readDevOptions(['-f', 'a', ...twice])).rejects.toThrow('given twice for shop/a')
    await expect(readDevOptions([])).rejects.toThrow('-f DIR is needed')
  })
})
