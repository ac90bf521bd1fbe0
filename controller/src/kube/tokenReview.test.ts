import type { Json } from '@gatehouse/contract'
import { describe, expect, it } from 'vitest'
import { tokenReview } from './tokenReview.ts'

const status = (over: object = {}): Json =>
  ({
    authenticated: true,
    audiences: ['gatehouse-push'],
    user: {
      username: 'system:serviceaccount:gatehouse-system:edge-dataplane',
      extra: { 'authentication.kubernetes.io/pod-name': ['dp-0'] },
    },
    ...over,
  }) as Json

const asked: Json[] = []
const review = (answer: Json) =>
  tokenReview(
    {
      create: (path, object) => {
        asked.push({ path, object })
        return Promise.resolve({ object: { status: answer } })
      },
    },
    { namespace: 'gatehouse-system', name: 'edge-dataplane' },
  )

const user = (username: string, pods: readonly string[] | null): object => ({
  user: { username, ...(pods ? { extra: { 'authentication.kubernetes.io/pod-name': pods } } : {}) },
})
const own = 'system:serviceaccount:gatehouse-system:edge-dataplane'

describe('tokenReview', () => {
  it('asks for the audience of the push channel', async () => {
    expect(await review(status())('token', 'dp-0')).toBe(true)
    expect(asked.at(-1)).toMatchObject({
      path: '/apis/authentication.k8s.io/v1/tokenreviews',
      object: { spec: { token: 'token', audiences: ['gatehouse-push'] } },
    })
  })

  it.each<[string, object]>([
    ['a token that is none', { authenticated: false }],
    ['a token for somebody else', { audiences: ['https://kubernetes.default.svc'] }],
    ['an API server without audiences', { audiences: undefined }],
    ['another ServiceAccount', user('system:serviceaccount:gatehouse-system:other', ['dp-0'])],
    ['one of another namespace', user('system:serviceaccount:shop:edge-dataplane', ['dp-0'])],
    ['another Pod', user(own, ['dp-1'])],
    ['a token of no Pod', user(own, null)],
    ['a token of two Pods', user(own, ['dp-0', 'dp-1'])],
  ])('refuses %s', async (_, over) => {
    expect(await review(status(over))('token', 'dp-0')).toBe(false)
  })

  it('refuses a data plane that shows none, and asks nobody', async () => {
    const before = asked.length
    expect(await review(status())(null, 'dp-0')).toBe(false)
    expect(asked).toHaveLength(before)
  })

  it('fails when there is no answer', async () => {
    const silent = tokenReview({ create: () => Promise.resolve('gone') }, { namespace: 'a', name: 'b' })
    await expect(silent('token', 'dp-0')).rejects.toMatchObject({ code: 'MALFORMED_ANSWER' })
  })
})
