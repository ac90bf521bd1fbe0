import { ruleCases, structureCases, type Case } from './case.ts'
import { bounds, failureThrottle, targetRefs } from './policy-parts.ts'

const bounding = (more: object) => ({ targetRefs, authentication: { bounds: { ...bounds, ...more } } })
const [exemption] = bounds.exemptions

export const boundCases: readonly Case[] = [
  ...ruleCases(
    'AccessPolicy',
    {
      at: 'spec.authentication',
      message: 'authentication needs at least one of bounds, use, anyOf, failureThrottle and revocations',
    },
    {
      accepted: {
        'only bounds': bounding({}),
        'only revocations': { targetRefs, authentication: { revocations: { configMapRef: { name: 'revoked' } } } },
        'only a throttle': { targetRefs, authentication: { failureThrottle } },
        'only providers of others': { targetRefs, authentication: { use: ['staff'] } },
      },
      refused: { 'authentication that says nothing': { targetRefs, authentication: {} } },
    },
  ),
  ...ruleCases(
    'AccessPolicy',
    {
      at: 'spec.authentication.bounds',
      message: 'exemptions have no effect with anonymous: Allow; remove them',
    },
    {
      accepted: {
        'exemptions from a prohibition': bounding({}),
        'no prohibition': bounding({ anonymous: 'Allow', exemptions: undefined }),
      },
      refused: { 'exemptions from nothing': bounding({ anonymous: 'Allow' }) },
    },
  ),
  ...structureCases('AccessPolicy', {
    accepted: { 'bounds without exemptions': bounding({ providers: 'Any', exemptions: undefined }) },
    refused: {
      'bounds that say nothing of providers': bounding({ providers: undefined }),
      'bounds that say nothing of anonymous callers': bounding({ anonymous: undefined }),
      'no exemption': bounding({ exemptions: [] }),
      'an exemption everywhere': bounding({ exemptions: [{ hostnames: exemption!.hostnames }] }),
      'an exemption for every host': bounding({ exemptions: [{ ...exemption, hostnames: ['*'] }] }),
      'an exemption for any host of a namespace': bounding({ exemptions: [{ namespaces: ['docs'] }] }),
      'an exemption without namespace': bounding({ exemptions: [{ ...exemption, namespaces: [] }] }),
      'an exemption of providers': bounding({ exemptions: [{ ...exemption, providers: 'Any' }] }),
      'a provider used twice': { targetRefs, authentication: { use: ['staff', 'staff'] } },
      'no provider used': { targetRefs, authentication: { use: [] } },
    },
  }),
]
