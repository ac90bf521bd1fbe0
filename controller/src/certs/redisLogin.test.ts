import { beforeEach, expect, it } from 'vitest'
import { memorySecrets } from './memorySecretsFixture.ts'
import { redisUsers, renewRedisLogin } from './redisLogin.ts'

const installation = { namespace: 'system', name: 'edge' }
const name = 'edge-redis'
const server = 'edge-redis.system.svc:6379'
let memory = memorySecrets('system')
const lines: string[] = []
beforeEach(() => {
  memory = memorySecrets('system')
  lines.splice(0)
})

const run = (to = server): Promise<string | null> =>
  renewRedisLogin({
    installation,
    server: to,
    secrets: memory.secrets,
    clock: { now: () => 0, monotonic: () => 0 },
    log: (event, { code } = {}) => void lines.push(`${event} ${code}`),
  })

it('is made once, mended, and left alone where it is somebody else’s', async () => {
  expect([await run(), await run()]).toEqual([null, null])
  expect(memory.writes).toEqual([name])
  expect(memory.object(name)).toMatchObject({
    type: 'gatehouse.dev/quota-store',
    metadata: { annotations: { 'gatehouse.dev/destination-hosts': server } },
  })
  const password = memory.entry(name, 'password')!
  expect(password).toMatch(/^[\w-]{43}$/)
  expect(memory.entry(name, 'username')).toBe('gatehouse')
  expect(memory.entry(name, 'users.acl')).toBe(redisUsers(installation, password))

  memory.setEntry(name, 'users.acl', 'user default on nopass +@all ~*\n')
  await run('edge-redis.system.svc:6380')
  expect(memory.entry(name, 'users.acl')).toBe(redisUsers(installation, password))
  expect(memory.entry(name, 'password')).toBe(password)
  expect(memory.object(name)).toMatchObject({
    metadata: { annotations: { 'gatehouse.dev/destination-hosts': 'edge-redis.system.svc:6380' } },
  })

  memory.setEntry(name, 'password', 'chosen by a person')
  await run()
  expect(memory.entry(name, 'password')).toBe('chosen by a person')
  expect(memory.entry(name, 'users.acl')).toBe(redisUsers(installation, 'chosen by a person'))

  memory.setObject(name, { ...memory.object(name)!, type: 'Opaque' })
  expect(await run()).toMatch(/^Secret system\/edge-redis is not of type gatehouse.dev\/quota-store/)
  expect(lines).toEqual([
    'certificates-changed CREATE',
    'certificates-changed MEND',
    'certificates-changed MEND',
    'certificates-refused FOREIGN',
  ])
})

it('does not pass for good with a password that data planes refuse', async () => {
  await run()
  memory.setEntry(name, 'password', 'chosen by a person\n')
  expect(await run()).toMatch(/^Secret system\/edge-redis has a password that data planes refuse/)
  expect(memory.entry(name, 'password')).toBe('chosen by a person\n')
  expect(lines.at(-1)).toBe('certificates-refused PASSWORD')
})

it('does not pass for good while somebody else writes it', async () => {
  const said = await Promise.all([run(), run()])
  expect(said).toContain(null)
  expect(said).toContainEqual(expect.stringMatching(/was changed by somebody else meanwhile/))
  expect(await run()).toBeNull()
})

it('lets its user reach the keys of the installation, and nobody else anything', () => {
  expect(redisUsers(installation, 'secret')).toBe(
    'user default reset\n' +
      'user gatehouse reset on #2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b ' +
      '~gatehouse:{system/edge}:* -@all +eval +evalsha +time +get +set +del\n',
  )
})
