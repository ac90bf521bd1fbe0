import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { followPushCredentials, readPushCredentials, UnusableCredentialsError } from './credentials.ts'

const ca = '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n'

const newKey = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

let folder: string

/** In one step, as a mounted Secret changes: a reader must never see half a file. */
async function write(file: string, text: string): Promise<void> {
  await writeFile(join(folder, 'unfinished'), text)
  await rename(join(folder, 'unfinished'), join(folder, file))
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-credentials-'))
  await write('ca.crt', ca)
  await write('tls.crt', 'certificate')
  await write('tls.key', 'key')
  await write('signing.key', newKey())
})
afterEach(() => rm(folder, { recursive: true }))

describe('readPushCredentials', () => {
  it('reads the files of a mounted Secret', async () => {
    expect(await readPushCredentials(folder)).toMatchObject({ ca, certificate: 'certificate', privateKey: 'key' })
  })

  it.each(['', 'no certificate'])('refuses a ca.crt with %j, which would trust public authorities', async (text) => {
    await write('ca.crt', text)
    await expect(readPushCredentials(folder)).rejects.toThrow(UnusableCredentialsError)
  })

  it.each(['', newKey().slice(0, 40)])('refuses a signing.key that is %j', async (text) => {
    await write('signing.key', text)
    await expect(readPushCredentials(folder)).rejects.toMatchObject({ code: 'UNUSABLE_SIGNING_KEY' })
  })

  it.each(['ca.crt', 'tls.crt', 'tls.key', 'signing.key'])('refuses a folder without %s', async (file) => {
    await rm(join(folder, file))
    await expect(readPushCredentials(folder)).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

describe('followPushCredentials', () => {
  it('hands renewed ones on once, and keeps the last good ones while they cannot be read', async () => {
    const known = await readPushCredentials(folder)
    const [renewed, failed] = [vi.fn(), vi.fn()]
    const stop = followPushCredentials(folder, known, { interval: 2, renewed, failed })
    try {
      await rm(join(folder, 'tls.key'))
      await vi.waitFor(() => expect(failed).toHaveBeenCalled())
      expect(renewed).not.toHaveBeenCalled()
      await write('tls.key', 'new key')
      await vi.waitFor(() => expect(renewed).toHaveBeenCalled())
      const looked = failed.mock.calls.length
      await rm(join(folder, 'ca.crt'))
      await vi.waitFor(() => expect(failed.mock.calls.length).toBeGreaterThan(looked + 2))
      expect(renewed).toHaveBeenCalledOnce()
      expect(renewed.mock.calls[0]).toMatchObject([
        { ca, privateKey: 'new key', signer: { keyId: known.signer.keyId } },
      ])
    } finally {
      stop()
    }
  })

  it('hands on a renewed signing key', async () => {
    const known = await readPushCredentials(folder)
    const renewed = vi.fn()
    const stop = followPushCredentials(folder, known, { interval: 2, renewed, failed: vi.fn() })
    try {
      await write('signing.key', newKey())
      await vi.waitFor(() => expect(renewed).toHaveBeenCalled())
      const { signer } = await readPushCredentials(folder)
      expect(signer.keyId).not.toBe(known.signer.keyId)
      expect(renewed.mock.calls).toMatchObject([[{ signer: { keyId: signer.keyId } }]])
    } finally {
      stop()
    }
  })
})
