import { expect, it } from 'vitest'
import { KubeError } from './kubeError.ts'

it('carries a status and a word, and no other text of the answer', () => {
  expect(new KubeError(410, 'Expired')).toMatchObject({ code: 'HTTP_410', status: 410, reason: 'Expired' })
  for (const text of ['two words', 'a=b', 'x'.repeat(65), '\n']) {
    const error = new KubeError(400, text)
    expect([error.reason, error.message]).toEqual(['', 'the API server answered 400'])
  }
})
