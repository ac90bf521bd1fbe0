import { structureCases, type Case } from './case.ts'

const listeners = [{ name: 'http', port: 8080, protocol: 'HTTP' }]

const at = (path: string) => ({ listeners, usage: { path } })

export const fullUsage = { path: '/.well-known/gatehouse/usage' }

export const usageCases: readonly Case[] = structureCases('Gatehouse', {
  accepted: { 'usage at another name': at('/.well-known/gatehouse/my-quotas-2') },
  refused: {
    'usage without a path': { listeners, usage: {} },
    'a misspelt key of usage': { listeners, usage: { paths: fullUsage.path } },
    'usage where routes lie': at('/usage'),
    'usage at the prefix itself': at('/.well-known/gatehouse/'),
    'usage below another path': at('/.well-known/gatehouse/a/b'),
    'usage at an escaped path': at('/.well-known/gatehouse/%75sage'),
  },
})
